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
#define MIXER_EXP(v) exp_one(v)
#define MIXER_SUM(v) (v)
#include "kernels/mixer_step.inc"

template <int WIDTH>
void mixer_head(const MixerSizes s, const MixerJob& j, int b, int h) {
  const int inner = mixer_inner(s), cd = mixer_convolved(s);
  const float* __restrict proj = j.proj + static_cast<size_t>(b) * (cd + inner + s.H);
  const float* __restrict conv = j.conv + static_cast<size_t>(b) * cd * (s.K - 1);
  const float* __restrict ssm = j.ssm + static_cast<size_t>(b) * inner * s.N;
  float* __restrict conv_next = j.conv_next + static_cast<size_t>(b) * cd * (s.K - 1);
  float* __restrict ssm_next = j.ssm_next + static_cast<size_t>(b) * inner * s.N;
  float* __restrict y = j.y + static_cast<size_t>(b) * inner + h * s.P;
  float* __restrict bc = scratch(Scratch::mixer, 2 * s.N + s.P * 2);
  float *__restrict sums = bc + 2 * s.N, *__restrict xs = sums + s.P;
  mixer_inputs(s, h, 0, 1, h % (s.H / s.G) == 0, proj, conv, conv_next, j.conv_weight, j.conv_bias, bc);
  const float decay = mixer_decay(proj[cd + inner + h]), D = j.D[h];
  for (int p = 0; p < s.P; p++) {
    const MixerRow row =
        mixer_row<1, WIDTH>(s, h, p, 0, decay, proj, conv, conv_next, ssm, ssm_next, j.conv_weight, j.conv_bias, bc);
    sums[p] = row.sum;
    xs[p] = row.x;
  }
  const float *__restrict z = proj + cd + h * s.P, *__restrict z_bias = j.z_bias + h * s.P;
  for (int p = 0; p < s.P; p++) y[p] = mixer_gate({xs[p], sums[p]}, D, z[p] + z_bias[p]);
}

void mixer_step(const MixerJob& j, int b, int h) {
  const MixerSizes s = {j.H, j.G, j.P, j.N, j.K, j.swish};
  if (s.N % 16 != 0) return mixer_head<1>(s, j, b, h);
  if (s.K == 4 && !s.swish) return mixer_head<16>({s.H, s.G, s.P, s.N, 4, false}, j, b, h);  // known loop lengths
  mixer_head<16>(s, j, b, h);
}
