// The CPU's scan and the chunked form, in MLX operations and as a GPU has it, against a float64 recurrence (spec 3.2-3.6).
#include <doctest/doctest.h>

#include <cmath>

#include "kernels/scan.h"
#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

mx::array normal(mx::Shape shape, uint64_t seed) {
  mx::array a = mx::random::normal(shape, mx::float32, mx::random::key(seed));
  a.eval();
  return a;
}

struct Inputs {
  mx::array proj, conv, S;
  MixerWeights w;
};

Inputs inputs(const MixerShape& s, int rows, int length) {
  int cd = s.convolved();
  return {normal({rows, length, cd + s.inner() + s.heads}, 1),
          normal({rows, cd, s.taps - 1}, 2),
          normal({rows, s.heads, s.head_width, s.state_size}, 3),
          {normal({cd, s.taps}, 4), normal({cd}, 5), normal({s.inner()}, 6), normal({s.heads}, 7)}};
}

/** One row by the formulas, in double. y of `valid` tokens, then S. */
std::pair<std::vector<float>, std::vector<float>> recurrence(const Inputs& in, const MixerShape& s, int row,
                                                             int valid) {
  int I = s.inner(), cd = s.convolved(), K = s.taps, P = s.head_width, N = s.state_size, stride = cd + I + s.heads;
  const float* proj = in.proj.data<float>() + int64_t(row) * in.proj.shape(1) * stride;
  const float* window = in.conv.data<float>() + row * cd * (K - 1);
  std::vector<double> S(in.S.data<float>() + row * I * N, in.S.data<float>() + (row + 1) * I * N);
  auto value = [&](int t, int c) { return double(t < 0 ? window[c * (K - 1) + t + K - 1] : proj[t * stride + c]); };
  std::vector<float> ys;
  for (int t = 0; t < valid; ++t) {
    std::vector<double> v(cd);
    for (int c = 0; c < cd; ++c) {
      v[c] = in.w.conv_bias.data<float>()[c];
      for (int k = 0; k < K; ++k) v[c] += in.w.conv_weight.data<float>()[c * K + k] * value(t - K + 1 + k, c);
      if (s.swish) v[c] /= 1 + std::exp(-v[c]);
    }
    for (int h = 0; h < s.heads; ++h)
      for (int p = 0; p < P; ++p) {
        int g = h * s.groups / s.heads, i = h * P + p;
        double decay = 1 / (1 + std::exp(double(proj[t * stride + cd + I + h]))), y = 0;
        for (int n = 0; n < N; ++n) {
          double& state = S[size_t(i) * N + n];
          state = decay * state + v[i] * v[I + g * N + n];
          y += state * v[I + (s.groups + g) * N + n];
        }
        double z = double(proj[t * stride + cd + i]) + in.w.z_bias.data<float>()[i];
        ys.push_back(float((y + in.w.D.data<float>()[h] * v[i]) * z / (1 + std::exp(-z))));
      }
  }
  return {ys, {S.begin(), S.end()}};
}

}  // namespace

TEST_CASE("A chunk equals the recurrence in float64, padding left out") {
  MixerShape shapes[] = {
      {4, 4, 24, 16, 4, false}, {4, 2, 8, 24, 4, true}, {2, 1, 64, 64, 3, false}, {3, 3, 5, 7, 2, false}};
  for (const MixerShape& s : shapes)
    for (int length : {1, 2, 63, 130}) {
      CAPTURE(s.heads);
      CAPTURE(length);
      Inputs in = inputs(s, 2, length);
      std::vector<int32_t> valid{length, (length + 1) / 2};
      mx::array counts(valid.begin(), {2});
      for (bool ops : {false, true}) {
        CAPTURE(ops);
        MixerOut out = (ops ? mixer_chunk_ops : mixer_chunk)(in.proj, in.conv, in.S, counts, in.w, s);
        mx::eval(out.y, out.conv_state, out.ssm_state);
        float allowed = ops || on_gpu() ? 2e-5f : 2e-6f;  // the chunked form takes differences of long sums
        for (int row = 0; row < 2; ++row) {
          auto [ys, S] = recurrence(in, s, row, valid[row]);
          mx::array y = mx::slice(out.y, {row, 0, 0}, {row + 1, valid[row], s.inner()});
          CHECK(relative(mx::contiguous(y), mx::array(ys.begin(), {1, valid[row], s.inner()})) < allowed);
          mx::array own = mx::slice(out.ssm_state, {row, 0, 0, 0}, {row + 1, s.heads, s.head_width, s.state_size});
          CHECK(relative(mx::contiguous(own), mx::array(S.begin(), {1, s.heads, s.head_width, s.state_size})) <
                allowed);
        }
        // The window is the last K-1 inputs, exactly.
        int keep = s.taps - 1;
        mx::array line = mx::concatenate(
            {mx::swapaxes(in.conv, 1, 2), mx::slice(in.proj, {0, 0, 0}, {2, length, s.convolved()})}, 1);
        for (int row = 0; row < 2; ++row) {
          mx::array expected = mx::slice(line, {row, valid[row], 0}, {row + 1, valid[row] + keep, s.convolved()});
          mx::array got = mx::slice(out.conv_state, {row, 0, 0}, {row + 1, s.convolved(), keep});
          CHECK(mx::array_equal(mx::swapaxes(got, 1, 2), expected).item<bool>());
        }
      }
    }
}

TEST_CASE("Decay logits of -90 and +90 keep or forget the state and give no NaN") {
  MixerShape s{2, 2, 8, 16, 4, false};
  int length = 5, at = s.convolved() + s.inner();
  for (float a : {-90.0f, 90.0f}) {
    Inputs in = inputs(s, 1, length);
    mx::array decay = mx::full({1, length, s.heads}, a);
    in.proj = mx::contiguous(mx::concatenate({mx::slice(in.proj, {0, 0, 0}, {1, length, at}), decay}, -1));
    in.proj.eval();
    for (bool ops : {false, true}) {
      MixerOut out = (ops ? mixer_chunk_ops : mixer_chunk)(in.proj, in.conv, in.S, mx::array({length}), in.w, s);
      CHECK(mx::all(mx::isfinite(out.y)).item<bool>());
      auto [ys, S] = recurrence(in, s, 0, length);
      CHECK(relative(out.ssm_state, mx::array(S.begin(), in.S.shape())) < 1e-5);
    }
    mx::array one = mx::contiguous(mx::slice(in.proj, {0, 0, 0}, {1, 1, in.proj.shape(2)}));
    MixerOut step = mixer_step(one, in.conv, in.S, in.w, s);
    CHECK(mx::all(mx::isfinite(step.y)).item<bool>());
    CHECK(mx::all(mx::isfinite(step.ssm_state)).item<bool>());
  }
}
