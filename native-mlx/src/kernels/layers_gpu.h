#pragma once

#include "kernels/gpu_kernel.h"

namespace llamba {

/** layers.h's add_rms_norm: one launch for MLX's two, and the sum is read once. */
std::pair<mlx::core::array, mlx::core::array> add_rms_norm_gpu(Gpu, const mlx::core::array& h,
                                                               const mlx::core::array& delta,
                                                               const mlx::core::array& w, float eps,
                                                               bool print = false);

/** layers.h's swiglu: one launch for MLX's three. */
mlx::core::array swiglu_gpu(Gpu, const mlx::core::array& gate_up, bool print = false);

}  // namespace llamba
