#pragma once

#include "kernels/gpu_kernel.h"
#include "kernels/ssd.h"

namespace llamba {

/** The fused step as a custom kernel of MLX. Types are free: states float32, the rest as it comes; y has proj's type. */
MixerOut mixer_step_gpu(Gpu, const mlx::core::array& proj, const mlx::core::array& conv_state,
                        const mlx::core::array& ssm_state, const MixerWeights&, const MixerShape&, bool print = false);

}  // namespace llamba
