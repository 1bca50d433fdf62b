#include "cpu/gemm.h"

#include <algorithm>
#include <cstdint>

#include "cpu/kernels.h"
#include "cpu/pool.h"
#include "cpu/scratch.h"

namespace llamba::cpu {
namespace {

constexpr int kDepth = 512;                 // of K in one pass: a panel stays in L2
constexpr int64_t kWorthThreads = 1 << 17;  // multiply-adds
constexpr int kFewRows = 4;                 // of A: packing B would cost more than the product

int ceil_div(int a, int b) { return (a + b - 1) / b; }

// out [K][width] = scale * the lines' elements k0 .. k0 + K, zero-padded to `width` lines. A line is a row of A, or a
// column of B; `along` is the stride inside it.
void pack(const float* from, ptrdiff_t across, ptrdiff_t along, int lines, int width, int K, float scale, float* out) {
  for (int k = 0; k < K; k++, out += width) {
    const float* line = from + k * along;
    for (int i = 0; i < lines; i++) out[i] = scale * line[i * across];
    for (int i = lines; i < width; i++) out[i] = 0;
  }
}

void scale_rows(int M, int N, float beta, float* C, ptrdiff_t ld_c) {
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) C[i * ld_c + j] = beta == 0 ? 0 : beta * C[i * ld_c + j];
}

void few_rows(int M, int N, int K, float alpha, Strided A, Strided B, float* C, ptrdiff_t ld_c) {
  for (int i = 0; i < M; i++) {
    float* c = C + i * ld_c;
    for (int k = 0; k < K; k++) {
      const float a = alpha * A.data[i * A.row + k * A.column];
      const float* b = B.data + k * B.row;
      for (int j = 0; j < N; j++) c[j] += a * b[j];
    }
  }
}

// Rows of B's transpose lie side by side, as a product with a weight matrix has them: no packing.
bool as_matvec(int M, int N, int K, float alpha, Strided A, Strided B, float beta, float* C, ptrdiff_t ld_c) {
  if (alpha != 1 || beta != 0 || B.row != 1 || B.column != K || A.column != 1 || (M > 1 && (A.row != K || ld_c != N)))
    return false;
  const Matrix W = {B.data, nullptr, nullptr, Number::f32, 0, 0, N, K};
  kernels().matvec({&W, A.data, M, C}, 0, N);
  return true;
}

}  // namespace

void gemm(int M, int N, int K, float alpha, Strided A, Strided B, float beta, float* C, ptrdiff_t ld_c) {
  if (M <= kFewRows) {
    if (as_matvec(M, N, K, alpha, A, B, beta, C, ld_c)) return;
    if (B.column == 1) {
      if (beta != 1) scale_rows(M, N, beta, C, ld_c);
      return few_rows(M, N, K, alpha, A, B, C, ld_c);
    }
  }
  if ((beta != 0 && beta != 1) || K == 0) scale_rows(M, N, beta, C, ld_c);
  const Kernels& kernel = kernels();
  const int strips = ceil_div(M, kernel.mr), panels = ceil_div(N, kernel.nr);
  const bool threads = static_cast<int64_t>(M) * N * K > kWorthThreads && pool_threads() > 1;
  const int split = threads ? std::clamp(ceil_div(pool_threads() * 4, panels), 1, std::max(1, strips / 2)) : 1;
  float* packed = scratch(Scratch::input, static_cast<size_t>(strips) * kernel.mr * std::min(K, kDepth));
  for (int k0 = 0; k0 < K; k0 += kDepth) {
    const int depth = std::min(kDepth, K - k0);
    const size_t strip_size = static_cast<size_t>(depth) * kernel.mr;
    const auto pack_strip = [&](int s) {
      const int i = s * kernel.mr;
      pack(A.data + i * A.row + k0 * A.column, A.row, A.column, std::min(kernel.mr, M - i), kernel.mr, depth, alpha,
           packed + s * strip_size);
    };
    const auto part = [&](int index) {
      const int n0 = index / split * kernel.nr, cols = std::min(kernel.nr, N - n0);
      const int s0 = strips * (index % split) / split, s1 = strips * (index % split + 1) / split;
      float* panel = scratch(Scratch::panel, static_cast<size_t>(depth) * kernel.nr);
      pack(B.data + k0 * B.row + n0 * B.column, B.column, B.row, cols, kernel.nr, depth, 1, panel);
      for (int s = s0; s < s1; s++) {
        float* c = C + s * kernel.mr * ld_c + n0;
        const float* init = k0 == 0 && beta == 0 ? nullptr : c;
        kernel.tile(depth, packed + s * strip_size, panel, init, ld_c, c, ld_c, std::min(kernel.mr, M - s * kernel.mr),
                    cols);
      }
    };
    if (threads) {
      parallel(strips, pack_strip);
      parallel(panels * split, part);
    } else {
      for (int s = 0; s < strips; s++) pack_strip(s);
      for (int i = 0; i < panels; i++) part(i);
    }
  }
}

}  // namespace llamba::cpu
