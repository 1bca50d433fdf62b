#include "engine/host_layers.h"

#include <cmath>

#include "engine/fast_exp.h"

namespace llamba {

LLAMBA_CLONES void norm_rows(const float* h, const float* delta, const float* w, float* sum, float* out, int64_t rows,
                             int width, float eps) {
  for (int64_t r = 0; r < rows; ++r, h += width, out += width) {
    const float* x = h;
    if (delta) {
      for (int i = 0; i < width; ++i) sum[i] = h[i] + delta[i];
      x = sum;
      delta += width;
      sum += width;
    }
    constexpr int kLanes = 32;  // independent sums, so that the loop becomes vector code
    float squares[kLanes] = {};
    int i = 0;
    for (; i + kLanes <= width; i += kLanes)
      for (int k = 0; k < kLanes; ++k) squares[k] += x[i + k] * x[i + k];
    for (; i < width; ++i) squares[0] += x[i] * x[i];
    float total = 0;
    for (float s : squares) total += s;
    float scale = 1.0f / std::sqrt(total / float(width) + eps);
    for (int j = 0; j < width; ++j) out[j] = x[j] * scale * w[j];
  }
}

LLAMBA_CLONES void swiglu_rows(const float* in, float* out, int64_t rows, int width) {
  for (int64_t r = 0; r < rows; ++r, in += 2 * width, out += width)
    for (int i = 0; i < width; ++i) out[i] = fast_silu(in[i]) * in[width + i];
}

}  // namespace llamba
