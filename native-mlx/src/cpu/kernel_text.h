// One text for every instruction set: included by isa_*.cpp inside a namespace of its own, after `struct V`.
// Names: W lanes, R rows of the matrix at once, B rows of x at once.

// Arrays of vectors become registers only where every index is known.
#define LLAMBA_UNROLL _Pragma("GCC unroll 8")

// Scales and biases of up to this many groups are widened at a time; they stay in L1.
constexpr int kGroups = 512;

// Words to fetch ahead in a matvec, 4 KiB: rows of a narrow matrix are too short for the processor to see a stream.
constexpr int kAhead = 1024;

inline void widen_all(const void* from, size_t begin, int n, Number number, float* out) {
  if (number == Number::f32) {
    const float* p = static_cast<const float*>(from) + begin;
    for (int i = 0; i < n; i++) out[i] = p[i];
    return;
  }
  const uint16_t* p = static_cast<const uint16_t*>(from) + begin;
  int i = 0;
  for (; i + V::W <= n; i += V::W) V::store(out + i, V::widen(p + i, number));
  for (; i < n; i++) out[i] = widen_one(p[i], number);
}

inline V::F exp_of(V::F x) {
  x = V::clamp(x, -87.3f, 88.0f);
  V::F n = V::round(V::mul(x, V::set1(1.44269504f)));
  V::F r = V::fma(n, V::set1(-0.693359375f), x);
  r = V::fma(n, V::set1(2.12194440e-4f), r);
  // Cephes expf: (e^r - 1 - r) / r^2 on |r| <= ln 2 / 2
  V::F p = V::set1(1.9875691500e-4f);
  p = V::fma(p, r, V::set1(1.3981999507e-3f));
  p = V::fma(p, r, V::set1(8.3334519073e-3f));
  p = V::fma(p, r, V::set1(4.1665795894e-2f));
  p = V::fma(p, r, V::set1(1.6666665459e-1f));
  p = V::fma(p, r, V::set1(5.0000001201e-1f));
  p = V::fma(p, V::mul(r, r), V::add(r, V::set1(1.0f)));
  return V::mul(p, V::power_of_two(n));
}

inline V::F silu(V::F v) { return V::div(v, V::add(V::set1(1.0f), exp_of(V::mul(v, V::set1(-1.0f))))); }

void swiglu(float* gate, const float* up, size_t n) {
  size_t i = 0;
  for (; i + V::W <= n; i += V::W) V::store(gate + i, V::mul(silu(V::load(gate + i)), V::load(up + i)));
  for (; i < n; i++) {
    float in[V::W] = {gate[i]}, out[V::W];
    V::store(out, silu(V::load(in)));
    gate[i] = out[0] * up[i];
  }
}

void rms_norm(const float* x, const float* w, float eps, int d, float* out) {
  V::F s0 = V::zero(), s1 = V::zero();
  int i = 0;
  for (; i + 2 * V::W <= d; i += 2 * V::W) {
    V::F a = V::load(x + i), b = V::load(x + i + V::W);
    s0 = V::fma(a, a, s0);
    s1 = V::fma(b, b, s1);
  }
  float sum = V::sum(V::add(s0, s1));
  for (; i < d; i++) sum += x[i] * x[i];
  float scale = 1.0f / std::sqrt(sum / static_cast<float>(d) + eps);
  V::F s = V::set1(scale);
  for (i = 0; i + V::W <= d; i += V::W) V::store(out + i, V::mul(V::mul(V::load(x + i), s), V::load(w + i)));
  for (; i < d; i++) out[i] = x[i] * scale * w[i];
}

void softmax(float* x, int n, float scale) {
  V::F most = V::set1(x[0]);
  int i = 0;
  for (; i + V::W <= n; i += V::W) most = V::max(most, V::load(x + i));
  float lanes[V::W];
  V::store(lanes, most);
  float largest = lanes[0];
  for (float lane : lanes) largest = lane > largest ? lane : largest;
  for (; i < n; i++) largest = x[i] > largest ? x[i] : largest;
  const V::F factor = V::set1(scale), offset = V::set1(-scale * largest);
  V::F sums = V::zero();
  for (i = 0; i + V::W <= n; i += V::W) {
    V::F e = exp_of(V::fma(V::load(x + i), factor, offset));
    V::store(x + i, e);
    sums = V::add(sums, e);
  }
  float sum = V::sum(sums);
  for (; i < n; i++) {
    V::store(lanes, exp_of(V::set1(scale * (x[i] - largest))));
    x[i] = lanes[0];
    sum += lanes[0];
  }
  const V::F share = V::set1(1 / sum);
  for (i = 0; i + V::W <= n; i += V::W) V::store(x + i, V::mul(V::load(x + i), share));
  for (; i < n; i++) x[i] /= sum;
}

// Word l of a vector holds elements l * fields ..; field j of all W words is one vector of x.
void spread(const float* x, int K, int bits, float* out, float* sums) {
  const int fields = 32 / bits, words = K / fields;
  int w = 0;
  for (int base = 0; base < words; base += V::W, out += V::W * fields) {
    for (int l = 0; l < V::W; l++, w++) {
      float sum = 0;
      for (int j = 0; j < fields; j++) {
        float v = w < words ? x[w * fields + j] : 0;
        out[j * V::W + l] = v;
        sum += v;
      }
      sums[w] = sum;
    }
  }
}

template <int BITS, int J, int R, int B>
inline void multiply_fields(const V::I (&word)[R], const float* x, size_t stride, V::F (&part)[R][B]) {
  V::F in[B];
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) in[b] = V::load(x + b * stride + J * V::W);
  LLAMBA_UNROLL
  for (int r = 0; r < R; r++) {
    V::F q = V::template field<BITS, J>(word[r]);
    LLAMBA_UNROLL
    for (int b = 0; b < B; b++) part[r][b] = V::fma(q, in[b], part[r][b]);
  }
  if constexpr (J + 1 < 32 / BITS) multiply_fields<BITS, J + 1, R, B>(word, x, stride, part);
}

// Widened scales and biases [rows, count]; `lanes` spreads consecutive groups over a vector of words.
struct Groups {
  const float *scales, *biases;
  int count, words;
  V::I lanes;
  Groups from(int row) const { return {scales + row * count, biases + row * count, count, words, lanes}; }
};

// y = sum over groups of scale * (q . x) + bias * sum(x)
template <int BITS, int R, int B>
void rows(const MatvecJob& job, int n, int m, const Groups& groups) {
  const Matrix& A = *job.matrix;
  constexpr int FIELDS = 32 / BITS;
  const int words = A.K / FIELDS, padded = (words + V::W - 1) / V::W * V::W;
  const bool wide = groups.words >= V::W;  // one group a vector, else several
  const V::I lanes = groups.lanes;
  const uint32_t* w = static_cast<const uint32_t*>(A.weight) + static_cast<size_t>(n) * words;
  const size_t stride = static_cast<size_t>(padded) * FIELDS;
  const float* x = job.x + m * stride;
  const float* sums = job.sums + static_cast<size_t>(m) * padded;
  V::F total[R][B] = {};
  for (int at = 0; at < words; at += V::W, x += V::W * FIELDS) {
    V::I word[R];
    LLAMBA_UNROLL
    for (int r = 0; r < R; r++) {
      const uint32_t* from = w + static_cast<size_t>(r) * words + at;
      __builtin_prefetch(from + kAhead);
      word[r] = V::words(from, words - at);
    }
    V::F part[R][B] = {};
    multiply_fields<BITS, 0, R, B>(word, x, stride, part);
    const int g = at / groups.words;
    V::F sum[B];
    LLAMBA_UNROLL
    for (int b = 0; b < B; b++) sum[b] = V::load(sums + static_cast<size_t>(b) * padded + at);
    LLAMBA_UNROLL
    for (int r = 0; r < R; r++) {
      const float *s = groups.scales + r * groups.count + g, *o = groups.biases + r * groups.count + g;
      V::F scale = wide ? V::set1(*s) : V::permute(V::load(s), lanes);
      V::F bias = wide ? V::set1(*o) : V::permute(V::load(o), lanes);
      LLAMBA_UNROLL
      for (int b = 0; b < B; b++) total[r][b] = V::fma(scale, part[r][b], V::fma(bias, sum[b], total[r][b]));
    }
  }
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) {
    size_t at = static_cast<size_t>(m + b) * A.N + n;
    LLAMBA_UNROLL
    for (int r = 0; r < R; r++) job.y[at + r] = V::sum(total[r][b]) + (job.residual ? job.residual[at + r] : 0);
  }
}

template <int BITS, int R>
void rows_of_batch(const MatvecJob& job, int n, const Groups& groups) {
  int m = 0;
  for (; m + 2 <= job.M; m += 2) rows<BITS, R, 2>(job, n, m, groups);
  for (; m < job.M; m++) rows<BITS, R, 1>(job, n, m, groups);
}

template <int BITS>
void quantized_rows(const MatvecJob& job, int n0, int n1) {
  const Matrix& A = *job.matrix;
  const int count = A.K / A.group, words = A.group * BITS / 32;
  const int step = count * V::ROWS <= kGroups ? kGroups / count / V::ROWS * V::ROWS : V::ROWS;
  const size_t size = static_cast<size_t>(step) * count + V::W;  // a permuted load reads past the last group
  float *scales = scratch(Scratch::scales, 2 * size), *biases = scales + size;
  const Groups groups = {scales, biases, count, words, V::pattern(words < V::W ? words : V::W)};
  for (int n = n0; n < n1;) {
    const int rows = step < n1 - n ? step : n1 - n;
    widen_all(A.scales, static_cast<size_t>(n) * count, rows * count, A.number, scales);
    widen_all(A.biases, static_cast<size_t>(n) * count, rows * count, A.number, biases);
    int r = 0;
    for (; r + V::ROWS <= rows; r += V::ROWS) rows_of_batch<BITS, V::ROWS>(job, n + r, groups.from(r));
    for (; r < rows; r++) rows_of_batch<BITS, 1>(job, n + r, groups.from(r));
    n += rows;
  }
}

template <typename T>
inline V::F load_number(const T* p, [[maybe_unused]] Number number) {
  if constexpr (sizeof(T) == 4) {
    return V::load(p);
  } else {
    return V::widen(p, number);
  }
}

template <typename T, int R>
void plain_rows(const MatvecJob& job, int n) {
  const Matrix& A = *job.matrix;
  const T* w = static_cast<const T*>(A.weight) + static_cast<size_t>(n) * A.K;
  for (int m = 0; m < job.M; m++) {
    const float* x = job.x + static_cast<size_t>(m) * A.K;
    V::F total[R] = {};
    int k = 0;
    for (; k + V::W <= A.K; k += V::W) {
      V::F in = V::load(x + k);
      for (int r = 0; r < R; r++)
        total[r] = V::fma(load_number(w + static_cast<size_t>(r) * A.K + k, A.number), in, total[r]);
    }
    for (int r = 0; r < R; r++) {
      float sum = V::sum(total[r]);
      for (int i = k; i < A.K; i++) {
        const T* one = w + static_cast<size_t>(r) * A.K + i;
        if constexpr (sizeof(T) == 4) {
          sum += *one * x[i];
        } else {
          sum += widen_one(*one, A.number) * x[i];
        }
      }
      size_t at = static_cast<size_t>(m) * A.N + n + r;
      job.y[at] = sum + (job.residual ? job.residual[at] : 0);
    }
  }
}

template <typename T>
void plain_matvec(const MatvecJob& job, int n0, int n1) {
  int n = n0;
  for (; n + 4 <= n1; n += 4) plain_rows<T, 4>(job, n);
  for (; n < n1; n++) plain_rows<T, 1>(job, n);
}

void matvec(const MatvecJob& job, int n0, int n1) {
  const Matrix& A = *job.matrix;
  if (A.bits == 4) return quantized_rows<4>(job, n0, n1);
  if (A.bits == 8) return quantized_rows<8>(job, n0, n1);
  if (A.number == Number::f32) return plain_matvec<float>(job, n0, n1);
  plain_matvec<uint16_t>(job, n0, n1);
}

constexpr int NR = V::NV * V::W;

template <int BITS, int J>
inline void store_fields(V::I word, V::F scale, V::F bias, float* out) {
  V::store(out + J * NR, V::fma(V::template field<BITS, J>(word), scale, bias));
  if constexpr (J + 1 < 32 / BITS) store_fields<BITS, J + 1>(word, scale, bias, out);
}

// Words are transposed first (scalar, one in 4 or 8 elements); then a vector of words of W columns yields W columns
// of `fields` rows without a shuffle.
template <int BITS>
void quantized_panel(const Matrix& A, int n0, int k0, int k1, float* out) {
  constexpr int FIELDS = 32 / BITS, CHUNK = 64;
  const int words = A.K / FIELDS, groups = A.K / A.group, group_words = A.group / FIELDS;
  const int cols = A.N - n0 < NR ? A.N - n0 : NR;
  const uint32_t* w = static_cast<const uint32_t*>(A.weight);
  uint32_t word[CHUNK][NR];
  float scale[CHUNK][NR], bias[CHUNK][NR], row[CHUNK];
  for (int at = k0 / FIELDS; at < k1 / FIELDS; at += CHUNK) {
    const int end = k1 / FIELDS - at < CHUNK ? k1 / FIELDS : at + CHUNK;
    const int g0 = at / group_words, g1 = (end + group_words - 1) / group_words;
    for (int c = 0; c < NR; c++) {
      if (c >= cols) {
        for (int i = 0; i < end - at; i++) word[i][c] = 0;
        for (int g = g0; g < g1; g++) scale[g - g0][c] = bias[g - g0][c] = 0;
        continue;
      }
      const uint32_t* from = w + static_cast<size_t>(n0 + c) * words + at;
      for (int i = 0; i < end - at; i++) word[i][c] = from[i];
      const size_t first = static_cast<size_t>(n0 + c) * groups + g0;
      widen_all(A.scales, first, g1 - g0, A.number, row);
      for (int g = 0; g < g1 - g0; g++) scale[g][c] = row[g];
      widen_all(A.biases, first, g1 - g0, A.number, row);
      for (int g = 0; g < g1 - g0; g++) bias[g][c] = row[g];
    }
    for (int i = 0; i < end - at; i++, out += FIELDS * NR) {
      const int g = (at + i) / group_words - g0;
      for (int c = 0; c < NR; c += V::W)
        store_fields<BITS, 0>(V::words(&word[i][c], V::W), V::load(&scale[g][c]), V::load(&bias[g][c]), out + c);
    }
  }
}

void plain_panel(const Matrix& A, int n0, int k0, int k1, float* out) {
  const int cols = A.N - n0 < NR ? A.N - n0 : NR;
  float row[kGroups];
  for (int k = k0; k < k1; k += kGroups) {
    const int count = k1 - k < kGroups ? k1 - k : kGroups;
    float* block = out + static_cast<size_t>(k - k0) * NR;
    for (int c = 0; c < NR; c++) {
      if (c < cols) {
        widen_all(A.weight, static_cast<size_t>(n0 + c) * A.K + k, count, A.number, row);
        for (int i = 0; i < count; i++) block[static_cast<size_t>(i) * NR + c] = row[i];
      } else {
        for (int i = 0; i < count; i++) block[static_cast<size_t>(i) * NR + c] = 0;
      }
    }
  }
}

void panel(const Matrix& A, int n0, int k0, int k1, float* out) {
  if (A.bits == 4) return quantized_panel<4>(A, n0, k0, k1, out);
  if (A.bits == 8) return quantized_panel<8>(A, n0, k0, k1, out);
  plain_panel(A, n0, k0, k1, out);
}

void tile(int K, const float* a, const float* b, const float* init, size_t ld_init, float* c, size_t ld_c, int rows,
          int cols) {
  V::F acc[V::MR][V::NV] = {};
  for (int k = 0; k < K; k++, a += V::MR, b += NR) {
    V::F column[V::NV];
LLAMBA_UNROLL
    for (int j = 0; j < V::NV; j++) column[j] = V::load(b + j * V::W);
LLAMBA_UNROLL
    for (int i = 0; i < V::MR; i++) {
      V::F one = V::set1(a[i]);
LLAMBA_UNROLL
      for (int j = 0; j < V::NV; j++) acc[i][j] = V::fma(one, column[j], acc[i][j]);
    }
  }
  float edge[NR];
  for (int i = 0; i < rows; i++) {
    const float* from = init ? init + i * ld_init : nullptr;
    float* to = c + i * ld_c;
    if (cols == NR) {
      for (int j = 0; j < V::NV; j++)
        V::store(to + j * V::W, from ? V::add(acc[i][j], V::load(from + j * V::W)) : acc[i][j]);
    } else {
      for (int j = 0; j < V::NV; j++) V::store(edge + j * V::W, acc[i][j]);
      for (int j = 0; j < cols; j++) to[j] = edge[j] + (from ? from[j] : 0);
    }
  }
}

#include "cpu/mixer_text.h"

constexpr Kernels table(const char* name) {
  return {name, V::MR, NR, V::GEMM_ROWS, V::W, spread, matvec, panel, tile, swiglu, rms_norm, softmax, mixer_step};
}
