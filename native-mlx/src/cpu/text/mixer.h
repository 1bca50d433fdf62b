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

// mixer_advance for an N that is whole vectors.
inline float advance_vectors(int N, float x, float decay, const float* bc, const float* S, float* S_next) {
  const V::F factor = V::set1(decay), input = V::set1(x);
  V::F sum = V::zero();
  for (int n = 0; n < N; n += V::W) {
    const V::F v = V::fma(V::load(S + n), factor, V::mul(input, V::load(bc + n)));
    V::store(S_next + n, v);
    sum = V::fma(v, V::load(bc + N + n), sum);
  }
  return V::sum(sum);
}

typedef float Four __attribute__((vector_size(16), aligned(4)));
inline Four four(const float* p) { return *reinterpret_cast<const Four*>(p); }

// mixer_convolve and, where `next` is not null, mixer_shift of 4 channels with 4 taps: old and next [4][3], weight [4][4].
inline void convolve_four(const float* in, const float* old, const float* weight, const float* bias, float* out,
                          float* next) {
  const Four v = four(in), a = four(old), b = four(old + 4), c = four(old + 8);
  const Four p = Four{a[0], a[1], a[2], v[0]} * four(weight), q = Four{a[3], b[0], b[1], v[1]} * four(weight + 4),
             r = Four{b[2], b[3], c[0], v[2]} * four(weight + 8), s = Four{c[1], c[2], c[3], v[3]} * four(weight + 12);
  *reinterpret_cast<Four*>(out) = Four{p[0], q[0], r[0], s[0]} + Four{p[1], q[1], r[1], s[1]} +
                                  Four{p[2], q[2], r[2], s[2]} + Four{p[3], q[3], r[3], s[3]} + four(bias);
  if (!next) return;
  Four* to = reinterpret_cast<Four*>(next);
  to[0] = Four{a[1], a[2], v[0], b[0]};
  to[1] = Four{b[1], v[1], b[3], c[0]};
  to[2] = Four{v[2], c[2], c[3], v[3]};
}

// The text's arithmetic with loops over neighbouring channels, so that they become vector code. TAPS: K, or 0 for any; 4
// taps want P and N that are multiples of 4.
template <int TAPS, bool VECTORS>
void mixer_head(const MixerJob& j, int b, int h) {
  const MixerSizes s = {j.H, j.G, j.P, j.N, TAPS > 0 ? TAPS : j.K, TAPS > 0 ? false : j.swish};
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
    if constexpr (TAPS == 4) {
      for (int i = first; i < first + count; i += 4, out += 4)
        convolve_four(proj + i, conv + 3 * i, j.conv_weight + 4 * i, j.conv_bias + i, out,
                      writes ? conv_next + 3 * i : nullptr);
      return;
    }
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
    const float* S = ssm + p * s.N;
    float* S_next = ssm_next + p * s.N;
    sums[p] = VECTORS ? advance_vectors(s.N, x[p], decay, bc, S, S_next)
                      : mixer_advance<1, 1>(s, 0, x[p], decay, bc, S, S_next);
  }
  const float *z = proj + cd + h * s.P, *z_bias = j.z_bias + h * s.P;
  float* y = j.y + static_cast<size_t>(b) * inner + h * s.P;
  LLAMBA_INDEPENDENT
  for (int p = 0; p < s.P; p++) y[p] = mixer_gate({x[p], sums[p]}, D, z[p] + z_bias[p]);
}

void mixer_step(const MixerJob& j, int b, int h) {
  if (j.N % V::W != 0) return mixer_head<0, false>(j, b, h);
  if (j.K == 4 && !j.swish && j.P % 4 == 0) return mixer_head<4, true>(j, b, h);
  mixer_head<0, true>(j, b, h);
}
