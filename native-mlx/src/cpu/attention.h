#pragma once

#include "mlx/mlx.h"

namespace llamba {

/** softmax(scale q kT) v on the CPU, float32: q [B, H, L, D], k and v [B, G, T, D] with G dividing H; returns
    [B, H, L, D]. causal: query i sees the keys up to T - L + i. MLX's own spends its time in masks and a scalar softmax.
    k and v may be slices of a longer cache. */
mlx::core::array cpu_attention(const mlx::core::array& q, const mlx::core::array& k, const mlx::core::array& v,
                               float scale, bool causal);

}  // namespace llamba
