// The fused step's text as a GPU runs it, 32 lanes a row and several rows a group, played thread by thread on the CPU:
// what a machine without a GPU can say about the indices. The sum over lanes is added here.
#include <cmath>
#include <doctest/doctest.h>
#include <vector>

#include "support.h"
#include "kernels/ssd.h"

namespace {
#define MIXER_FN inline
#define MIXER_INDEPENDENT
#define MIXER_EXP(v) std::exp(v)
#define MIXER_SUM(v) (v)
#include "kernels/mixer_step.inc"
}  // namespace

namespace mx = mlx::core;

namespace {

constexpr int kLanes = 32;

struct Buffers {
  const float *proj, *conv, *ssm, *conv_weight, *conv_bias, *z_bias, *D;
  std::vector<float> y, conv_next, ssm_next;
};

// The calls of kInputs and kRow in mixer_gpu.cpp for one group of `rows` rows from p0 on.
void group(const MixerSizes& s, Buffers& m, int b, int h, int p0, int rows) {
  const int cd = mixer_convolved(s), inner = mixer_inner(s);
  const float* proj = m.proj + b * (cd + inner + s.H);
  const float *conv = m.conv + b * cd * (s.K - 1), *ssm = m.ssm + b * inner * s.N;
  float *conv_next = m.conv_next.data() + b * cd * (s.K - 1), *ssm_next = m.ssm_next.data() + b * inner * s.N;
  std::vector<float> bc(2 * s.N, NAN);
  for (int row = 0; row < rows; row++)
    for (int lane = 0; lane < kLanes; lane++)
      mixer_inputs(s, h, row * kLanes + lane, rows * kLanes, h % (s.H / s.G) == 0 && p0 == 0, proj, conv, conv_next,
                   m.conv_weight, m.conv_bias, bc.data());
  for (int p = p0; p < p0 + rows; p++) {
    MixerRow whole = {0, 0};
    for (int lane = 0; lane < kLanes; lane++) {
      const MixerRow part = mixer_row<kLanes, 1>(s, h, p, lane, mixer_decay(proj[cd + inner + h]), proj, conv, conv_next,
                                                 ssm, ssm_next, m.conv_weight, m.conv_bias, bc.data());
      whole.x = part.x;
      whole.sum += part.sum;
    }
    const int i = h * s.P + p;
    m.y[b * inner + i] = mixer_gate(whole, m.D[h], proj[cd + i] + m.z_bias[i]);
  }
}

double difference(const std::vector<float>& a, const mx::array& b) {
  auto other = mx::contiguous(b);
  other.eval();
  REQUIRE(a.size() == other.size());
  double worst = 0;
  for (size_t i = 0; i < a.size(); i++) {
    const double d = std::abs(a[i] - other.data<float>()[i]);
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

}  // namespace

TEST_CASE("32 lanes a row and rows in groups write every element and equal the MLX operations") {
  const llamba::test::On here(mlx::core::Device::cpu);
  const std::pair<llamba::MixerShape, int> shapes[] = {
      {{9, 9, 64, 64, 4, false}, 8}, {{4, 2, 12, 16, 4, true}, 4}, {{6, 3, 5, 40, 3, false}, 1},
      {{2, 1, 16, 128, 4, false}, 8}};
  for (const auto& [shape, rows] : shapes) {
    const int batch = 2, cd = shape.convolved(), inner = shape.inner();
    CAPTURE(shape.heads);
    CAPTURE(shape.groups);
    auto normal = [seed = 0](mx::Shape size) mutable {
      auto a = mx::random::normal(size, mx::float32, mx::random::key(++seed));
      a.eval();
      return a;
    };
    auto proj = normal({batch, 1, cd + inner + shape.heads}), conv = normal({batch, cd, shape.taps - 1});
    auto ssm = normal({batch, shape.heads, shape.head_width, shape.state_size});
    const llamba::MixerWeights w = {normal({cd, shape.taps}), normal({cd}), normal({inner}), normal({shape.heads})};
    Buffers m = {proj.data<float>(),
                 conv.data<float>(),
                 ssm.data<float>(),
                 w.conv_weight.data<float>(),
                 w.conv_bias.data<float>(),
                 w.z_bias.data<float>(),
                 w.D.data<float>(),
                 std::vector<float>(batch * inner, NAN),
                 std::vector<float>(conv.size(), NAN),
                 std::vector<float>(ssm.size(), NAN)};
    const MixerSizes s = {shape.heads, shape.groups,  shape.head_width,
                          shape.state_size, shape.taps, shape.swish};
    for (int b = 0; b < batch; b++)
      for (int h = 0; h < s.H; h++)
        for (int p0 = 0; p0 < s.P; p0 += rows) group(s, m, b, h, p0, rows);
    const auto ops = llamba::mixer_step_ops(proj, conv, ssm, w, shape);
    const auto largest = [](const mx::array& a) { return mx::max(mx::abs(a)).item<float>(); };
    CHECK(difference(m.y, ops.y) < 2e-6 * largest(ops.y));
    CHECK(difference(m.conv_next, ops.conv_state) == 0);
    CHECK(difference(m.ssm_next, ops.ssm_state) < 2e-6 * largest(ops.ssm_state));
  }
}
