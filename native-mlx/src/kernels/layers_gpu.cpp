#include "kernels/layers_gpu.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kThreads = 256;

// One thread group a row. The sum is rounded to T before it is squared, as where it is read again.
constexpr const char* kAddRmsNorm = R"(
  GPU_SHARED float parts[THREADS / 32];
  const int row = gx / THREADS * WIDTH;
  float squares = 0.0f;
  for (int i = tx; i < WIDTH; i += THREADS) {
    const T v = T(float(h[row + i]) + float(delta[row + i]));
    sum[row + i] = v;
    squares += float(v) * float(v);
  }
  squares = GPU_SUM(squares);
  if (tx % 32 == 0) parts[tx / 32] = squares;
  GPU_BARRIER;
  float total = 0.0f;
  for (int i = 0; i < THREADS / 32; ++i) total += parts[i];
  const float scale = GPU_RSQRT(total / float(WIDTH) + GPU_FLOAT(EPS));
  for (int i = tx; i < WIDTH; i += THREADS) normed[row + i] = T(float(sum[row + i]) * scale * float(w[i]));
)";

constexpr const char* kSwiglu = R"(
  if (gx >= WIDTH) return;
  const float gate = float(gate_up[gy * 2 * WIDTH + gx]), up = float(gate_up[gy * 2 * WIDTH + WIDTH + gx]);
  y[gy * WIDTH + gx] = T(gate / (1.0f + GPU_EXP(-gate)) * up);
)";

}  // namespace

std::pair<mx::array, mx::array> add_rms_norm_gpu(Gpu gpu, const mx::array& h, const mx::array& delta,
                                                 const mx::array& w, float eps, bool print) {
  static const GpuKernel kernel("add_rms_norm", {"h", "delta", "w"}, {"sum", "normed"}, kAddRmsNorm);
  int width = h.shape(-1);
  auto out = kernel.run(gpu, {h, delta, w},
                        {{h.shape(), h.shape()},
                         {h.dtype(), h.dtype()},
                         {kThreads * int(h.size() / width), 1, 1},  // the others end at 65,535 groups
                         {kThreads, 1, 1},
                         {{"T", h.dtype()}, {"WIDTH", width}, {"THREADS", kThreads}, {"EPS", float_bits(eps)}}},
                        print);
  return {out[0], out[1]};
}

mx::array swiglu_gpu(Gpu gpu, const mx::array& gate_up, bool print) {
  static const GpuKernel kernel("swiglu", {"gate_up"}, {"y"}, kSwiglu);
  mx::Shape shape = gate_up.shape();
  shape.back() /= 2;
  int width = shape.back(), rows = int(gate_up.size() / (2 * width));
  return kernel.run(gpu, {gate_up},
                    {{shape},
                     {gate_up.dtype()},
                     {(width + kThreads - 1) / kThreads * kThreads, rows, 1},
                     {kThreads, 1, 1},
                     {{"T", gate_up.dtype()}, {"WIDTH", width}}},
                    print)[0];
}

}  // namespace llamba
