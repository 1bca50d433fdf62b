#include "kernels/mixer_gpu.h"

#include "kernels/mixer_step_text.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kLanes = 32;  // a SIMD group, a warp

constexpr const char* kMetal = R"(
#define MIXER_FN inline
#define MIXER_INDEPENDENT
#define MIXER_EXP(v) metal::precise::exp(v)
#define MIXER_SUM(v) metal::simd_sum(v)
)";

constexpr const char* kCuda = R"(
#define MIXER_FN __device__ __forceinline__
#define MIXER_INDEPENDENT
#define MIXER_EXP(v) expf(v)
#define MIXER_SUM(v) mixer_warp_sum(v)
__device__ __forceinline__ float mixer_warp_sum(float v) {
  for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(0xffffffffu, v, offset);
  return v;
}
)";

constexpr const char* kMetalIndex = R"(
  threadgroup float bc[2 * N];
  const int lane = int(thread_position_in_threadgroup.x), row = int(thread_position_in_threadgroup.y);
  const int p = int(thread_position_in_grid.y), batch_head = int(thread_position_in_grid.z);
)";

constexpr const char* kCudaIndex = R"(
  __shared__ float bc[2 * N];
  const int lane = threadIdx.x, row = threadIdx.y;
  const int p = blockIdx.y * blockDim.y + threadIdx.y, batch_head = blockIdx.z;
)";

// The heads of one group share B and C: the group's first head moves their windows, its first rows do it once.
constexpr const char* kInputs = R"(
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
)";

constexpr const char* kRow = R"(
  const MixerRow out = mixer_row<32, 1>(s, h, p, lane, mixer_decay(float(proj[cd + inner + h])), proj, conv, conv_next,
                                        ssm, ssm_next, conv_weight, conv_bias, bc);
  const int i = h * P + p;
  if (lane == 0) y[i] = T(mixer_gate(out, float(D[h]), float(proj[cd + i]) + float(z_bias[i])));
)";

const std::vector<std::string> kIn = {"proj", "conv", "ssm", "conv_weight", "conv_bias", "z_bias", "D"};
const std::vector<std::string> kOut = {"y", "conv_next", "ssm_next"};

std::string metal_body() {
  return std::string(kMetalIndex) + kInputs + "  metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);" + kRow;
}
std::string cuda_body() { return std::string(kCudaIndex) + kInputs + "  __syncthreads();" + kRow; }

MixerOut call(const mx::fast::CustomKernelFunction& kernel, const mx::array& proj, const mx::array& conv_state,
              const mx::array& ssm_state, const MixerWeights& w, const MixerShape& s, bool print_source) {
  const int batch = proj.shape(0);
  int rows = 8;  // 256 threads a group; B and C are convolved once for as many rows
  while (s.head_width % rows != 0) rows /= 2;
  auto out = kernel({proj, conv_state, ssm_state, w.conv_weight, w.conv_bias, w.z_bias, w.D},
                    {{batch, 1, s.inner()}, conv_state.shape(), ssm_state.shape()},
                    {proj.dtype(), mx::float32, mx::float32}, {kLanes, s.head_width, s.heads * batch},
                    {kLanes, rows, 1},
                    {{"T", proj.dtype()},
                     {"H", s.heads},
                     {"G", s.groups},
                     {"P", s.head_width},
                     {"N", s.state_size},
                     {"K", s.taps},
                     {"SWISH", s.swish},
                     {"ROWS", rows}},
                    std::nullopt, print_source, mx::Device(mx::Device::gpu));
  return {out[0], out[1], out[2]};
}

}  // namespace

MixerOut mixer_step_metal(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                          const MixerWeights& w, const MixerShape& s, bool print_source) {
  static const auto kernel =
      mx::fast::metal_kernel("llamba_mixer_step", kIn, kOut, metal_body(), std::string(kMetal) + kMixerStepText);
  return call(kernel, proj, conv_state, ssm_state, w, s, print_source);
}

MixerOut mixer_step_cuda(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                         const MixerWeights& w, const MixerShape& s) {
  static const auto kernel =
      mx::fast::cuda_kernel("llamba_mixer_step", kIn, kOut, cuda_body(), std::string(kCuda) + kMixerStepText);
  return call(kernel, proj, conv_state, ssm_state, w, s, false);
}

}  // namespace llamba
