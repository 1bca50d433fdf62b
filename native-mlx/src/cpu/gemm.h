#pragma once

#include <cstddef>

namespace llamba::cpu {

/** A float32 matrix by strides: element (i, j) is at data[i * row + j * column]. */
struct Strided {
  const float* data;
  ptrdiff_t row, column;
};

/** C [M, N] = alpha A [M, K] B [K, N] + beta C; C's rows are ld_c apart. As in BLAS, C is not read when beta is 0. */
void gemm(int M, int N, int K, float alpha, Strided A, Strided B, float beta, float* C, ptrdiff_t ld_c);

}  // namespace llamba::cpu
