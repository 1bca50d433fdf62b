// The C++ leg of kernels/mixer_step.inc; included by kernel_text.h.

// Cephes' expf without a branch or a call, so that loops over it become vector code.
inline float exp_one(float x) {
  x = x < -87.3f ? -87.3f : x;
  x = x > 88.0f ? 88.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  const float n = (x * 1.44269504f + kRound) - kRound;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  return (p * r * r + r + 1.0f) * __builtin_bit_cast(float, (static_cast<int>(n) + 127) << 23);
}

#define MIXER_FN inline
#define MIXER_INDEPENDENT LLAMBA_INDEPENDENT
#define MIXER_EXP(v) exp_one(v)
#define MIXER_SUM(v) (v)
#include "kernels/mixer_step.inc"

// The text's arithmetic with loops over neighbouring channels, so that they become vector code.
template <int WIDTH>
void mixer_head(const MixerSizes s, const MixerJob& j, int b, int h) {
  const int inner = mixer_inner(s), cd = mixer_convolved(s), g = h * s.G / s.H;
  const float* proj = j.proj + static_cast<size_t>(b) * (cd + inner + s.H);
  const float* conv = j.conv + static_cast<size_t>(b) * cd * (s.K - 1);
  const float* ssm = j.ssm + (static_cast<size_t>(b) * inner + h * s.P) * s.N;  // may be ssm_next
  float* conv_next = j.conv_next + static_cast<size_t>(b) * cd * (s.K - 1);
  float* ssm_next = j.ssm_next + (static_cast<size_t>(b) * inner + h * s.P) * s.N;
  // The state comes from memory (the weights of a token push it out of the caches): its start is fetched during the
  // convolution, the rest 4 KiB ahead of its use.
  constexpr int kStateAhead = 1024, kLine = 16;
  for (int i = 0; i < kStateAhead && i < s.P * s.N; i += kLine) __builtin_prefetch(ssm + i);
  float* bc = scratch(Scratch::mixer, 2 * (s.N + s.P));
  float *x = bc + 2 * s.N, *sums = x + s.P;
  const auto convolve = [&](int first, int count, bool writes, float* out) {
    LLAMBA_INDEPENDENT
    for (int i = 0; i < count; i++)
      out[i] = mixer_convolve(s, first + i, proj[first + i], conv, j.conv_weight, j.conv_bias);
    if (!writes) return;
    LLAMBA_INDEPENDENT
    for (int i = 0; i < count; i++) mixer_shift(s, first + i, proj[first + i], conv, conv_next);
  };
  const bool first_of_group = h % (s.H / s.G) == 0;
  convolve(h * s.P, s.P, true, x);
  convolve(inner + g * s.N, s.N, first_of_group, bc);
  convolve(inner + (s.G + g) * s.N, s.N, first_of_group, bc + s.N);

  const float decay = mixer_decay(proj[cd + inner + h]), D = j.D[h];
  for (int p = 0; p < s.P; p++) {
    for (int n = 0; n < s.N; n += kLine) __builtin_prefetch(ssm + p * s.N + kStateAhead + n);
    sums[p] = mixer_advance<1, WIDTH>(s, 0, x[p], decay, bc, ssm + p * s.N, ssm_next + p * s.N);
  }
  const float *z = proj + cd + h * s.P, *z_bias = j.z_bias + h * s.P;
  float* y = j.y + static_cast<size_t>(b) * inner + h * s.P;
  LLAMBA_INDEPENDENT
  for (int p = 0; p < s.P; p++) y[p] = mixer_gate({x[p], sums[p]}, D, z[p] + z_bias[p]);
}

void mixer_step(const MixerJob& j, int b, int h) {
  const MixerSizes s = {j.H, j.G, j.P, j.N, j.K, j.swish};
  if (s.N % 16 != 0) return mixer_head<1>(s, j, b, h);
  if (s.K == 4 && !s.swish) return mixer_head<16>({s.H, s.G, s.P, s.N, 4, false}, j, b, h);  // known loop lengths
  mixer_head<16>(s, j, b, h);
}
