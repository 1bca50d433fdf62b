#pragma once

#include "cpu/kernels.h"

namespace llamba::cpu {

/** y [M, N] = x [M, K] times W transposed, float32 and dense. Few rows of x go through the matvec, more through
    dequantized panels and the GEMM tile, unless the matvec is the faster there too. */
void multiply(const Matrix& W, const float* x, int M, float* y);

}  // namespace llamba::cpu
