// MLX's Linux wheel brings the reference BLAS (5 GFLOPS on 2 cores). A symbol of the loading object wins over the same
// one of its dependencies, so this cblas_sgemm is the one that MLX's own float32 matmul calls: attention, the chunked
// scan, whatever else. Nothing more to ship. macOS has Accelerate.
#if defined(__linux__)

#include "cpu/blas.h"

#include <atomic>

#include "cpu/gemm.h"

namespace {

constexpr int kRowMajor = 101, kTranspose = 112, kConjugateTranspose = 113;
std::atomic<long> calls{0};

bool transposed(int trans) { return trans == kTranspose || trans == kConjugateTranspose; }

}  // namespace

extern "C" __attribute__((visibility("default"))) void cblas_sgemm(int order, int trans_a, int trans_b, int M, int N,
                                                                  int K, float alpha, const float* A, int lda,
                                                                  const float* B, int ldb, float beta, float* C,
                                                                  int ldc) {
  calls.fetch_add(1, std::memory_order_relaxed);
  if (order != kRowMajor) {  // column-major C = A B is row-major C' = B' A'
    cblas_sgemm(kRowMajor, trans_b, trans_a, N, M, K, alpha, B, ldb, A, lda, beta, C, ldc);
    return;
  }
  const auto strided = [](const float* data, int ld, bool transpose) {
    return transpose ? llamba::cpu::Strided{data, 1, ld} : llamba::cpu::Strided{data, ld, 1};
  };
  llamba::cpu::gemm(M, N, K, alpha, strided(A, lda, transposed(trans_a)), strided(B, ldb, transposed(trans_b)), beta, C,
                    ldc);
}

namespace llamba::cpu {

long blas_calls() { return calls.load(std::memory_order_relaxed); }

}  // namespace llamba::cpu

#endif
