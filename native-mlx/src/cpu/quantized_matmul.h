#pragma once

#include <string>

#include "mlx/mlx.h"

namespace llamba {

/** x [..., K] times the transpose of an affine-quantized matrix [N, K] (spec 4.2): our kernels on the CPU backend, for
    which it lies in tiles (cpu/tiles.h); MLX's own on Metal and CUDA. x and the result are float32 on the CPU. bits 4
    or 8; group_size 32, 64 or 128. scales and biases: f32, f16 or bf16. */
mlx::core::array quantized_matmul(const mlx::core::array& x, const mlx::core::array& weight,
                                  const mlx::core::array& scales, const mlx::core::array& biases, int group_size,
                                  int bits);

/** x [..., K] times w [N, K] transposed for an unquantized matrix; float32 GEMM/matvec on the CPU that does not fall
    to MLX's slow paths (f16/bf16 weights are widened as they are read), MLX's matmul elsewhere. */
mlx::core::array dense_matmul(const mlx::core::array& x, const mlx::core::array& weight);

/** The instruction set chosen on this machine: "avx512", "avx2", "neon" or "portable". */
std::string cpu_kernel_name();

/** Threads of the CPU kernels' pool; set once before the first use, 0 = one a core. */
void set_cpu_threads(int threads);

}  // namespace llamba
