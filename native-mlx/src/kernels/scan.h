#pragma once

#include "kernels/ssd.h"

namespace llamba {

/** mixer_chunk in MLX operations: the reference. */
MixerOut mixer_chunk_ops(const mlx::core::array& proj, const mlx::core::array& conv_state,
                         const mlx::core::array& ssm_state, const mlx::core::array& valid, const MixerWeights&,
                         const MixerShape&);

/** mixer_chunk on the CPU: the recurrence itself, token by token, one head's state [P, N] staying in the first-level
    cache. Fewer operations than the chunked form, and its numbers are the step's. All float32. */
MixerOut mixer_scan(const mlx::core::array& proj, const mlx::core::array& conv_state, const mlx::core::array& ssm_state,
                    const mlx::core::array& valid, const MixerWeights&, const MixerShape&);

}  // namespace llamba
