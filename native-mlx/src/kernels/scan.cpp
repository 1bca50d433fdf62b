#include "kernels/scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "cpu/pool.h"
#include "engine/fast_exp.h"
#include "engine/host_op.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

struct ScanArgs {
  const float *proj, *conv_in, *ssm_in, *conv_weight, *conv_bias, *z_bias, *D;
  const int32_t* valid;
  float *y, *conv_out, *ssm_out;
  int length;
  MixerShape s;
  int stride() const { return s.convolved() + s.inner() + s.heads; }
};

/** Convolved inputs [L, count] of channels from `first` on, for one sequence. */
LLAMBA_CLONES void convolve(const ScanArgs& a, int row, int first, int count, int length, float* out) {
  int taps = a.s.taps, stride = a.stride();
  std::vector<float> w(size_t(taps) * count);  // [K, count], so that channels lie side by side
  for (int c = 0; c < count; ++c)
    for (int k = 0; k < taps; ++k) w[size_t(k) * count + c] = a.conv_weight[(first + c) * taps + k];
  // The old window [K-1, count] from the state [cd, K-1].
  std::vector<float> old(size_t(taps - 1) * count);
  const float* window = a.conv_in + (int64_t(row) * a.s.convolved() + first) * (taps - 1);
  for (int c = 0; c < count; ++c)
    for (int k = 0; k < taps - 1; ++k) old[size_t(k) * count + c] = window[c * (taps - 1) + k];
  const float* now = a.proj + int64_t(row) * a.length * stride + first;
  for (int t = 0; t < length; ++t, out += count) {
    const float* bias = a.conv_bias + first;
    for (int c = 0; c < count; ++c) out[c] = bias[c];
    for (int k = 0; k < taps; ++k) {
      int from = t - (taps - 1) + k;
      const float* v = from < 0 ? &old[size_t(from + taps - 1) * count] : now + int64_t(from) * stride;
      const float* wk = &w[size_t(k) * count];
      for (int c = 0; c < count; ++c) out[c] += wk[c] * v[c];
    }
    if (a.s.swish)
      for (int c = 0; c < count; ++c) out[c] = fast_silu(out[c]);
  }
}

/** S [P, N] <- decay S + x B^T, y [P] = S C. */
LLAMBA_CLONES void advance(float* S, const float* x, const float* B, const float* C, float decay, int P, int N,
                           float* y) {
  constexpr int kLanes = 16;
  for (int p = 0; p < P; ++p, S += N) {
    float sums[kLanes] = {};
    int n = 0;
    for (; n + kLanes <= N; n += kLanes)
      for (int k = 0; k < kLanes; ++k) {
        float s = S[n + k] * decay + x[p] * B[n + k];
        S[n + k] = s;
        sums[k] += s * C[n + k];
      }
    for (; n < N; ++n) {
      S[n] = S[n] * decay + x[p] * B[n];
      sums[0] += S[n] * C[n];
    }
    float total = 0;
    for (float s : sums) total += s;
    y[p] = total;
  }
}

/** (y + D x) silu(z + z_bias) */
LLAMBA_CLONES void gate(const float* y, const float* x, const float* z, const float* z_bias, float D, int P,
                        float* out) {
  for (int p = 0; p < P; ++p) out[p] = (y[p] + D * x[p]) * fast_silu(z[p] + z_bias[p]);
}

void scan_head(const ScanArgs& a, int row, int head) {
  const MixerShape& s = a.s;
  int P = s.head_width, N = s.state_size, inner = s.inner(), length = std::min(a.valid[row], a.length);
  int group = head / (s.heads / s.groups);
  std::vector<float> x(size_t(length) * P), B(size_t(length) * N), C(size_t(length) * N), y(P);
  convolve(a, row, head * P, P, length, x.data());
  convolve(a, row, inner + group * N, N, length, B.data());
  convolve(a, row, inner + (s.groups + group) * N, N, length, C.data());

  int64_t state = (int64_t(row) * s.heads + head) * P * N;
  float* S = a.ssm_out + state;
  std::memcpy(S, a.ssm_in + state, sizeof(float) * P * N);
  for (int t = 0; t < a.length; ++t) {
    int64_t token = int64_t(row) * a.length + t;
    float* out = a.y + token * inner + head * P;
    if (t >= length) {  // padding: its output is ignored, but must be a number
      std::fill(out, out + P, 0.0f);
      continue;
    }
    const float* proj = a.proj + token * a.stride();
    float decay = 1.0f / (1.0f + std::exp(proj[s.convolved() + inner + head]));  // = exp(-softplus(a))
    advance(S, &x[size_t(t) * P], &B[size_t(t) * N], &C[size_t(t) * N], decay, P, N, y.data());
    gate(y.data(), &x[size_t(t) * P], proj + s.convolved() + head * P, a.z_bias + head * P, a.D[head], P, out);
  }
}

/** The last K-1 inputs of [old window, counted inputs]. */
void shift_window(const ScanArgs& a, int row) {
  int keep = a.s.taps - 1, channels = a.s.convolved(), length = std::min(a.valid[row], a.length);
  const float* in = a.conv_in + int64_t(row) * channels * keep;
  float* out = a.conv_out + int64_t(row) * channels * keep;
  const float* proj = a.proj + int64_t(row) * a.length * a.stride();
  for (int k = 0; k < keep; ++k) {
    int from = length - keep + k;  // negative: still in the old window
    for (int c = 0; c < channels; ++c)
      out[c * keep + k] = from < 0 ? in[c * keep + from + keep] : proj[int64_t(from) * a.stride() + c];
  }
}

struct Scan {
  static constexpr const char* kName = "MixerScan";
  MixerShape shape;
  auto bind(const std::vector<mx::array>& in, std::vector<mx::array>& out) const {
    ScanArgs a{in[0].data<float>(),
               in[1].data<float>(),
               in[2].data<float>(),
               in[3].data<float>(),
               in[4].data<float>(),
               in[5].data<float>(),
               in[6].data<float>(),
               in[7].data<int32_t>(),
               out[0].data<float>(),
               out[1].data<float>(),
               out[2].data<float>(),
               in[0].shape(1),
               shape};
    return [a, rows = in[0].shape(0)] {
      int parts = rows * (a.s.heads + 1);
      auto part = [&](int i) {
        int row = i / (a.s.heads + 1), head = i % (a.s.heads + 1);
        if (head < a.s.heads)
          scan_head(a, row, head);
        else
          shift_window(a, row);
      };
      cpu::parallel(parts, part);
    };
  }
};

}  // namespace

MixerOut mixer_scan(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                    const mx::array& valid, const MixerWeights& w, const MixerShape& s) {
  auto out = host_op(Scan{s}, {{proj.shape(0), proj.shape(1), s.inner()}, conv_state.shape(), ssm_state.shape()},
                     {proj, conv_state, ssm_state, w.conv_weight, w.conv_bias, w.z_bias, w.D, valid});
  return {out[0], out[1], out[2]};
}

}  // namespace llamba
