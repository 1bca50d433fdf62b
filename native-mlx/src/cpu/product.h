#pragma once

#include "cpu/kernels.h"

namespace llamba::cpu {

/** y [M, N] = x [M, K] times W transposed, plus residual [M, N] unless null (it may be y itself). All float32 and
    dense. Few rows go through the matvec, more through dequantized panels and the GEMM tile. */
void multiply(const Matrix& W, const float* x, int M, const float* residual, float* y);

}  // namespace llamba::cpu
