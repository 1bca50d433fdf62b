// The fused mixer step against the formulas of spec 3.2-3.5 in float64, and against the MLX-ops version.
#include <cmath>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "support.h"
#include "cpu/kernels.h"
#include "kernels/ssd.h"

namespace mx = mlx::core;
using llamba::MixerShape;

namespace {

struct Inputs {
  mx::array proj, conv, ssm;
  llamba::MixerWeights weights;
};

Inputs random_inputs(const MixerShape& s, int batch, uint64_t seed, float scale = 1) {
  auto keys = mx::random::split(mx::random::key(seed), 7);
  int i = 0;
  auto normal = [&](mx::Shape shape) {
    auto a = mx::random::normal(shape, mx::float32, mx::take(keys, i++, 0));
    a.eval();
    return a;
  };
  const int cd = s.convolved(), inner = s.inner();
  auto proj = mx::multiply(normal({batch, 1, cd + inner + s.heads}), mx::array(scale));
  return {mx::contiguous(proj), normal({batch, cd, s.taps - 1}), normal({batch, s.heads, s.head_width, s.state_size}),
          {normal({cd, s.taps}), normal({cd}), normal({inner}), normal({s.heads})}};
}

double silu(double v) { return v / (1 + std::exp(-v)); }

struct Exact {
  std::vector<double> y, conv, ssm;
};

Exact formulas(Inputs in, const MixerShape& s, int batch) {
  const int cd = s.convolved(), inner = s.inner(), K = s.taps, P = s.head_width, N = s.state_size;
  mx::eval(in.proj, in.conv, in.ssm);
  const float *o = in.proj.data<float>(), *window = in.conv.data<float>(), *S = in.ssm.data<float>();
  const float *w = in.weights.conv_weight.data<float>(), *bias = in.weights.conv_bias.data<float>();
  const float *zb = in.weights.z_bias.data<float>(), *D = in.weights.D.data<float>();
  Exact out;
  for (int b = 0; b < batch; b++, o += cd + inner + s.heads, window += cd * (K - 1)) {
    std::vector<double> v(cd);
    for (int c = 0; c < cd; c++) {
      double sum = bias[c] + double(o[c]) * w[c * K + K - 1];
      for (int k = 0; k + 1 < K; k++) sum += double(window[c * (K - 1) + k]) * w[c * K + k];
      v[c] = s.swish ? silu(sum) : sum;
      for (int k = 1; k + 1 < K; k++) out.conv.push_back(window[c * (K - 1) + k]);
      out.conv.push_back(o[c]);
    }
    for (int h = 0; h < s.heads; h++) {
      const int g = h * s.groups / s.heads;
      const double decay = std::exp(-std::log1p(std::exp(double(o[cd + inner + h]))));
      for (int p = 0; p < P; p++) {
        const int i = h * P + p;
        double y = D[h] * v[i];
        for (int n = 0; n < N; n++) {
          const double next = decay * *S++ + v[i] * v[inner + g * N + n];
          out.ssm.push_back(next);
          y += next * v[inner + (s.groups + g) * N + n];
        }
        out.y.push_back(y * silu(double(o[cd + i]) + zb[i]));
      }
    }
  }
  return out;
}

// Largest difference over the largest value.
double distance(mx::array a, const std::vector<double>& b) {
  a = mx::contiguous(a);
  a.eval();
  REQUIRE(a.size() == b.size());
  double difference = 0, size = 1e-30;
  for (size_t i = 0; i < b.size(); i++) {
    difference = std::max(difference, std::abs(a.data<float>()[i] - b[i]));
    if (std::isnan(a.data<float>()[i])) return INFINITY;
    size = std::max(size, std::abs(b[i]));
  }
  return difference / size;
}

const std::vector<MixerShape> kShapes = {
    {9, 9, 64, 64, 4, false},  // the embedded model
    {4, 2, 16, 16, 4, false}, {6, 3, 5, 7, 4, true}, {8, 1, 24, 48, 3, true}, {2, 2, 96, 64, 2, false},
    {3, 3, 8, 128, 4, false}};

}  // namespace

TEST_CASE("one step equals the formulas in float64, for every instruction set, shape and batch") {
  const llamba::test::On here(mlx::core::Device::cpu);
  for (const auto& s : kShapes) {
    for (int batch : {1, 3, 8}) {
      CAPTURE(s.heads);
      CAPTURE(s.groups);
      CAPTURE(batch);
      auto in = random_inputs(s, batch, 11);
      auto exact = formulas(in, s, batch);
      for (auto set = llamba::cpu::all_kernels(); *set; set++) {
        CAPTURE(std::string((*set)->name));
        REQUIRE(llamba::cpu::choose_kernels((*set)->name));
        auto out = llamba::mixer_step(in.proj, in.conv, in.ssm, in.weights, s);
        CHECK(out.y.shape() == mx::Shape{batch, 1, s.inner()});
        CHECK(out.conv_state.shape() == in.conv.shape());
        CHECK(out.ssm_state.shape() == in.ssm.shape());
        CHECK(distance(out.y, exact.y) < 1e-6);
        CHECK(distance(out.conv_state, exact.conv) == 0);
        CHECK(distance(out.ssm_state, exact.ssm) < 1e-6);
      }
      llamba::cpu::choose_kernels(llamba::cpu::all_kernels()[0]->name);
      auto ops = llamba::mixer_step_ops(in.proj, in.conv, in.ssm, in.weights, s);
      CHECK(distance(ops.y, exact.y) < 2e-6);
      CHECK(distance(ops.conv_state, exact.conv) == 0);
      CHECK(distance(ops.ssm_state, exact.ssm) < 2e-6);
    }
  }
}

TEST_CASE("extreme decay logits and gates neither overflow nor give NaN") {
  const llamba::test::On here(mlx::core::Device::cpu);
  const MixerShape s = {2, 2, 16, 16, 4, true};
  auto in = random_inputs(s, 1, 5, 200);  // logits of several hundred either way
  auto exact = formulas(in, s, 1);
  auto out = llamba::mixer_step(in.proj, in.conv, in.ssm, in.weights, s);
  CHECK(distance(out.y, exact.y) < 1e-5);
  CHECK(distance(out.ssm_state, exact.ssm) < 1e-5);
}

TEST_CASE("states that are views of a larger array are read by their strides") {
  const llamba::test::On here(mlx::core::Device::cpu);
  const MixerShape s = {4, 4, 16, 16, 4, false};
  auto in = random_inputs(s, 4, 3);
  auto every_other = [](const mx::array& a) {
    mx::Shape start(a.ndim(), 0), step(a.ndim(), 1);
    step[0] = 2;
    return mx::slice(a, start, a.shape(), step);
  };
  Inputs view = {every_other(in.proj), every_other(in.conv), every_other(in.ssm), in.weights};
  Inputs copy = {mx::contiguous(view.proj), mx::contiguous(view.conv), mx::contiguous(view.ssm), in.weights};
  auto exact = formulas(copy, s, 2);
  auto out = llamba::mixer_step(view.proj, view.conv, view.ssm, view.weights, s);
  CHECK(distance(out.y, exact.y) < 1e-6);
  CHECK(distance(out.ssm_state, exact.ssm) < 1e-6);
}

TEST_CASE("a state that is held elsewhere survives the step, one that is not may be overwritten") {
  const llamba::test::On here(mlx::core::Device::cpu);
  const MixerShape s = {4, 2, 16, 16, 4, false};
  auto in = random_inputs(s, 1, 9);
  auto exact = formulas(in, s, 1);
  auto kept = mx::copy(in.ssm);
  kept.eval();
  auto first = llamba::mixer_step(in.proj, in.conv, in.ssm, in.weights, s);
  mx::eval(first.y, first.ssm_state);
  CHECK(mx::array_equal(in.ssm, kept).item<bool>());
  auto again = llamba::mixer_step(in.proj, in.conv, std::move(kept), in.weights, s);
  CHECK(distance(again.y, exact.y) < 1e-6);
  CHECK(distance(again.ssm_state, exact.ssm) < 1e-6);
}

// Metal or CUDA, whichever libmlx has. A machine without a GPU says so; the text itself is still checked by
// metal_text_test.cpp.
TEST_CASE("on a GPU the fused step equals the formulas, in every type and for a batch") {
  const llamba::test::On here(mx::Device::cpu);
  if (mx::device_count(mx::Device::gpu) == 0) {
    MESSAGE("no GPU here: the fused step was not run on one");
    return;
  }
  for (const auto& s : kShapes) {
    for (int batch : {1, 3}) {
      for (auto [type, tolerance] : {std::pair{mx::float32, 1e-5}, {mx::float16, 2e-3}, {mx::bfloat16, 2e-2}}) {
        CAPTURE(s.heads);
        CAPTURE(s.groups);
        CAPTURE(batch);
        CAPTURE(tolerance);
        mx::set_default_device(mx::Device::cpu);
        auto in = random_inputs(s, batch, 21);
        auto narrow = [&, type = type](const mx::array& a) { return mx::astype(a, type); };
        auto wide = [](const mx::array& a) { return mx::astype(a, mx::float32); };
        Inputs small = {narrow(in.proj), in.conv, in.ssm,
                        {narrow(in.weights.conv_weight), narrow(in.weights.conv_bias), narrow(in.weights.z_bias),
                         narrow(in.weights.D)}};
        Inputs rounded = {wide(small.proj), in.conv, in.ssm,
                          {wide(small.weights.conv_weight), wide(small.weights.conv_bias), wide(small.weights.z_bias),
                           wide(small.weights.D)}};
        mx::eval(small.proj, small.conv, small.ssm, small.weights.conv_weight, small.weights.conv_bias,
                 small.weights.z_bias, small.weights.D, rounded.proj, rounded.weights.conv_weight,
                 rounded.weights.conv_bias, rounded.weights.z_bias, rounded.weights.D);
        auto exact = formulas(rounded, s, batch);
        mx::set_default_device(mx::Device::gpu);
        auto out = llamba::mixer_step(small.proj, small.conv, small.ssm, small.weights, s);
        CHECK(out.y.dtype() == type);
        CHECK(distance(wide(out.y), exact.y) < tolerance);
        CHECK(distance(out.conv_state, exact.conv) == 0);
        CHECK(distance(out.ssm_state, exact.ssm) < 1e-5);
        auto ops = llamba::mixer_step_ops(small.proj, small.conv, small.ssm, small.weights, s);
        CHECK(distance(wide(ops.y), exact.y) < tolerance);
      }
    }
  }
}
