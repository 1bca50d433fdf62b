#pragma once

#include <cstdint>

namespace llamba {

/** out = x / sqrt(mean(x^2) + eps) * w for `rows` rows of `width`, where x is h, or h + delta (kept in sum) unless
   delta is null. */
void norm_rows(const float* h, const float* delta, const float* w, float* sum, float* out, int64_t rows, int width,
               float eps);

/** out [rows, width] = silu(gate) * up of in [rows, gate | up]. */
void swiglu_rows(const float* in, float* out, int64_t rows, int width);

}  // namespace llamba
