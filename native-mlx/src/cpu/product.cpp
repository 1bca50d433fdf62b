#include "cpu/product.h"

#include <algorithm>
#include <cstring>

#include "cpu/pool.h"
#include "cpu/scratch.h"

namespace llamba::cpu {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

// Elements of K in one panel: 1024 x 48 floats are 192 KiB, which leaves room in a 512 KiB L2.
constexpr int kPanelDepth = 1024;
// Multiply-adds a part should have at least, so that taking it costs little.
constexpr int64_t kPartWork = 60000;

constexpr int kSpreadRows = 8;  // of x from which spreading them is worth other threads
constexpr int kPlainRows = 24;  // of x from which an unquantized matrix's panels beat the matvec; AVX2 and AVX-512, measured

void direct(const Kernels& k, const Matrix& W, const float* x, int M, float* y) {
  MatvecJob job = {&W, x, M, y};
  if (W.bits != 0) {
    const size_t size = k.spread_size(W);
    float* spread = scratch(Scratch::input, M * size);
    const auto one = [&](int m) { k.spread(x + static_cast<size_t>(m) * W.K, W, spread + m * size); };
    if (M >= kSpreadRows) {
      parallel(M, one);
    } else {
      for (int m = 0; m < M; m++) one(m);
    }
    job.x = spread;
  }
  const int64_t row = static_cast<int64_t>(W.K) * M;
  const int least = static_cast<int>(std::max<int64_t>(kTileRows, kPartWork / row));
  const int part = ceil_div(std::max(least, ceil_div(W.N, pool_threads() * 8)), kTileRows) * kTileRows;
  parallel(ceil_div(W.N, part), [&](int i) { k.matvec(job, i * part, std::min(W.N, (i + 1) * part)); });
}

// a [strip][K][mr]: mr rows of x side by side, zero-padded.
void pack_strip(const float* x, int M, int K, int mr, int strip, float* out) {
  const int rows = std::min(mr, M - strip * mr);
  const float* from = x + static_cast<size_t>(strip) * mr * K;
  if (rows < mr) std::memset(out, 0, sizeof(float) * mr * K);
  for (int k0 = 0; k0 < K; k0 += 64) {
    const int k1 = std::min(K, k0 + 64);
    for (int r = 0; r < rows; r++)
      for (int k = k0; k < k1; k++) out[k * mr + r] = from[static_cast<size_t>(r) * K + k];
  }
}

void through_panels(const Kernels& k, const Matrix& W, const float* x, int M, float* y) {
  const int K = W.K, N = W.N, strips = ceil_div(M, k.mr), panels = ceil_div(N, k.nr);
  const size_t strip_size = static_cast<size_t>(K) * k.mr;
  float* packed = scratch(Scratch::input, strip_size * strips);
  parallel(strips, [&](int s) { pack_strip(x, M, K, k.mr, s, packed + s * strip_size); });

  // Too few panels for the threads: several share one, each dequantizing it for its own rows.
  const int wanted = pool_threads() > 1 ? pool_threads() * 4 : 1;
  const int split = std::clamp(ceil_div(wanted, panels), 1, std::max(1, strips / 4));
  const int depth = std::min(K, kPanelDepth);
  parallel(panels * split, [&](int part) {
    const int n0 = part / split * k.nr, cols = std::min(k.nr, N - n0);
    const int s0 = strips * (part % split) / split, s1 = strips * (part % split + 1) / split;
    float* panel = scratch(Scratch::panel, static_cast<size_t>(depth) * k.nr);
    for (int k0 = 0; k0 < K; k0 += depth) {
      const int k1 = std::min(K, k0 + depth);
      k.panel(W, n0, k0, k1, panel);
      for (int s = s0; s < s1; s++) {
        const size_t at = static_cast<size_t>(s) * k.mr * N + n0;
        const float* init = k0 > 0 ? y + at : nullptr;
        k.tile(k1 - k0, packed + s * strip_size + static_cast<size_t>(k0) * k.mr, panel, init, N, y + at, N,
               std::min(k.mr, M - s * k.mr), cols);
      }
    }
  });
}

}  // namespace

void multiply(const Matrix& W, const float* x, int M, float* y) {
  const Kernels& k = kernels();
  if (M >= (W.bits == 0 ? kPlainRows : k.gemm_rows)) return through_panels(k, W, x, M, y);
  direct(k, W, x, M, y);
}

}  // namespace llamba::cpu
