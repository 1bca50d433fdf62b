#pragma once

#include <utility>
#include <vector>

#include "mlx/mlx.h"

namespace llamba {

/** Shapes of one discrete Mamba-2 mixer (spec section 1). */
struct MixerShape {
  int heads;          // H
  int groups;         // G, divides H
  int head_width;     // P
  int state_size;     // N
  int taps;           // K
  bool swish;         // silu after the convolution (not in Llamba releases)
  int inner() const { return heads * head_width; }                       // I
  int convolved() const { return inner() + 2 * groups * state_size; }    // cd
};

struct MixerWeights {
  mlx::core::array conv_weight;  // [cd, K]
  mlx::core::array conv_bias;    // [cd]
  mlx::core::array z_bias;       // [I]
  mlx::core::array D;            // [H]
};

struct MixerOut {
  mlx::core::array y;           // [B, L, I], gated: the input of out_proj
  mlx::core::array conv_state;  // [B, cd, K-1] float32
  mlx::core::array ssm_state;   // [B, H, P, N] float32
};

/** One token of the mixer's middle (convolution, split, decay, state update, D term, gate; spec 3.2-3.5).
    proj [B, 1, cd + I + H] is the output of in_proj. Fused kernel where there is one for the device, else mixer_step_ops. */
MixerOut mixer_step(const mlx::core::array& proj, const mlx::core::array& conv_state, const mlx::core::array& ssm_state,
                    const MixerWeights&, const MixerShape&);

/** The same in plain MLX operations: the reference of the kernels' tests. */
MixerOut mixer_step_ops(const mlx::core::array& proj, const mlx::core::array& conv_state,
                        const mlx::core::array& ssm_state, const MixerWeights&, const MixerShape&);

/** A chunk of L tokens in the chunked form (spec 3.6) with a starting state. Only the first `valid` [B] (int32) tokens
    of each row count: later ones are padding and leave both states as they were after token `valid`. */
MixerOut mixer_chunk(const mlx::core::array& proj, const mlx::core::array& conv_state,
                     const mlx::core::array& ssm_state, const mlx::core::array& valid, const MixerWeights&,
                     const MixerShape&);

}  // namespace llamba
