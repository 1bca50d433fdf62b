#include "kernels/mixer_gpu.h"

#include "kernels/mixer_step_text.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kLanes = 32;  // a SIMD group, a warp

constexpr const char* kHeader = R"(
#define MIXER_FN GPU_FN
#define MIXER_INDEPENDENT
#define MIXER_EXP(v) GPU_EXP(v)
#define MIXER_SUM(v) GPU_SUM(v)
)";

// The heads of one group share B and C: the group's first head moves their windows, its first rows do it once.
constexpr const char* kBody = R"(
  GPU_SHARED float bc[2 * N];
  const int lane = tx, row = ty, p = gy, batch_head = gx / 32;
  const MixerSizes s = {H, G, P, N, K, SWISH};
  const int b = batch_head / H, h = batch_head % H;
  const int cd = mixer_convolved(s), inner = mixer_inner(s);
  proj += b * (cd + inner + H);
  conv += b * cd * (K - 1);
  conv_next += b * cd * (K - 1);
  ssm += b * inner * N;
  ssm_next += b * inner * N;
  y += b * inner;
  mixer_inputs(s, h, row * 32 + lane, ROWS * 32, h % (H / G) == 0 && p == row, proj, conv, conv_next, conv_weight,
               conv_bias, bc);
  GPU_BARRIER;
  const MixerRow out = mixer_row<32, 1>(s, h, p, lane, mixer_decay(float(proj[cd + inner + h])), proj, conv, conv_next,
                                        ssm, ssm_next, conv_weight, conv_bias, bc);
  const int i = h * P + p;
  if (lane == 0) y[i] = T(mixer_gate(out, float(D[h]), float(proj[cd + i]) + float(z_bias[i])));
)";

}  // namespace

MixerOut mixer_step_gpu(Gpu gpu, const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                        const MixerWeights& w, const MixerShape& s, bool print) {
  static const GpuKernel kernel("mixer_step", {"proj", "conv", "ssm", "conv_weight", "conv_bias", "z_bias", "D"},
                                {"y", "conv_next", "ssm_next"}, kBody, std::string(kHeader) + mixer_step_text);
  const int batch = proj.shape(0);
  int rows = 8;  // 256 threads a group; B and C are convolved once for as many rows
  while (s.head_width % rows != 0) rows /= 2;
  auto out = kernel.run(gpu, {proj, conv_state, ssm_state, w.conv_weight, w.conv_bias, w.z_bias, w.D},
                        {{{batch, 1, s.inner()}, conv_state.shape(), ssm_state.shape()},
                         {proj.dtype(), mx::float32, mx::float32},
                         {kLanes * s.heads * batch, s.head_width, 1},  // the others end at 65,535 groups
                         {kLanes, rows, 1},
                         {{"T", proj.dtype()},
                          {"H", s.heads},
                          {"G", s.groups},
                          {"P", s.head_width},
                          {"N", s.state_size},
                          {"K", s.taps},
                          {"SWISH", s.swish},
                          {"ROWS", rows}}},
                        print);
  return {out[0], out[1], out[2]};
}

}  // namespace llamba
