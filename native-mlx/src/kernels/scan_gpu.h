#pragma once

#include "kernels/gpu_kernel.h"
#include "kernels/ssd.h"

namespace llamba {

/** mixer_chunk on a GPU: the chunked form, whose sums over tokens are products of matrices, for all pieces of a chunk at
    once. What lies between the products is three kernels: convolution, the state's way from piece to piece, the gate. */
MixerOut mixer_chunk_gpu(const mlx::core::array& proj, const mlx::core::array& conv_state,
                         const mlx::core::array& ssm_state, const mlx::core::array& valid, const MixerWeights&,
                         const MixerShape&);

/** The three kernels, each against the formulas in scan_gpu_test.cpp.
    convolve: v [B, L, cd] float32, convolved, and the window after token `valid`. */
std::pair<mlx::core::array, mlx::core::array> convolve_gpu(Gpu, const mlx::core::array& proj,
                                                           const mlx::core::array& conv_state,
                                                           const mlx::core::array& valid, const MixerWeights&,
                                                           const MixerShape&, bool print = false);
/** The state before each piece [B, C, H, P, N] and after the last [B, H, P, N], from what each piece adds
    [B, C, H, P, N] and keeps [B, C, H]. In float32 throughout, whatever the products were made in. */
std::pair<mlx::core::array, mlx::core::array> carry_gpu(Gpu, const mlx::core::array& state,
                                                        const mlx::core::array& added, const mlx::core::array& kept,
                                                        bool print = false);
/** (y + D x) silu(z + z_bias) [B, L, I] in proj's type. y [B, T, H, P], T >= L; v as convolve gives it. */
mlx::core::array gate_gpu(Gpu, const mlx::core::array& y, const mlx::core::array& v, const mlx::core::array& proj,
                          const MixerWeights&, const MixerShape&, bool print = false);

}  // namespace llamba
