// Rows of a quantized matrix times x in integers: a 16-bit lane of words yields 16 / BITS vectors of weights by one shift
// and one mask, 16 weights each, where float32 needs a conversion too and holds 8. Included by kernel_text.h.
//
// A row of x becomes whole numbers n = 256 high + low times one step, kLargest steps being its largest magnitude. That
// is the 24 bits of a float: products are as near to the exact ones as float32's. All integer sums are exact:
// 255 * 32768 * 4 products a lane < 2^31.

constexpr float kLargest = 127 * 65536 + 127 * 256 + 127;  // low stays within a signed byte
constexpr float kLeast = 1e-30f;                           // below it, a row counts as zero: 1 / step would overflow

inline int vectors_of(const Matrix& A) { return (A.K * A.bits / 32 + V::W - 1) / V::W; }
inline int padded_groups(const Matrix& A) { return (A.K / A.group + V::W - 1) / V::W * V::W; }

// Each vector's elements [high | low] of fields [16], as int16; then the sums of the groups, in steps; then the step.
size_t spread_size(const Matrix& A) {
  return static_cast<size_t>(vectors_of(A)) * (V::W * 32 / A.bits) + padded_groups(A) + V::W;
}

// One step of a row and 1 / step. A row that is not finite has step NaN, and so has every product with it.
struct Step {
  float step, inverse;
};

inline Step step_of(const float* x, int K) {
  V::F most = V::zero(), poison = V::zero();
  for (int k = 0; k < K; k += V::W) {  // K is a multiple of 32
    const V::F v = V::load(x + k);
    most = V::max(most, V::magnitude(v));
    poison = V::fma(v, V::zero(), poison);
  }
  float lanes[V::W], largest = 0;
  V::store(lanes, most);
  for (float lane : lanes) largest = lane > largest ? lane : largest;
  return {largest / kLargest + V::sum(poison), largest > kLeast ? kLargest / largest : 0};
}

void spread(const float* x, const Matrix& A, float* out) {
  const int fields = 16 / A.bits, length = 16 * fields, vectors = vectors_of(A), groups = A.K / A.group;
  int16_t* to = reinterpret_cast<int16_t*>(out);
  float* sums = out + static_cast<size_t>(vectors) * length;
  const auto [step, inverse] = step_of(x, A.K);
  int32_t n[64];
  int32_t sum = 0;
  for (int v = 0; v < vectors; v++, to += 2 * length) {
    for (int i = 0; i < length; i += V::W) {
      const int k = v * length + i;
      V::store_rounded(n + i, k < A.K ? V::mul(V::load(x + k), V::set1(inverse)) : V::zero());
      for (int l = i; l < i + V::W; l++) sum += n[l];
      if ((k + V::W) % A.group != 0 || k >= A.K) continue;
      sums[k / A.group] = static_cast<float>(sum);
      sum = 0;
    }
    for (int j = 0; j < fields; j++) {
      for (int i = 0; i < 16; i++) {
        const int high = (n[i * fields + j] + 128) >> 8;
        to[j * 16 + i] = static_cast<int16_t>(high);
        to[length + j * 16 + i] = static_cast<int16_t>(n[i * fields + j] - high * 256);
      }
    }
  }
  for (int g = groups; g < padded_groups(A); g++) sums[g] = 0;
  sums[padded_groups(A)] = step;
}

template <int BITS, int J>
inline void short_fields(V::I word, V::I (&out)[16 / BITS]) {
  out[J] = V::template short_field<BITS, J>(word);
  if constexpr (J + 1 < 16 / BITS) short_fields<BITS, J + 1>(word, out);
}

template <int FIELDS>
inline V::F dot(const V::I (&weight)[FIELDS], const int16_t* x) {
  V::I sum = V::dot_pairs(weight[0], V::load_integers(x));
  LLAMBA_UNROLL
  for (int j = 1; j < FIELDS; j++)
    sum = V::add_integers(sum, V::dot_pairs(weight[j], V::load_integers(x + j * 16)));
  return V::to_float(sum);
}

// y = step * sum over groups of (scale * (q . n) + bias * sum(n)). HALVES: two groups a vector.
template <int BITS, bool HALVES, int R, int B>
void integer_rows(const MatvecJob& job, int n, int m, const Groups& groups) {
  const Matrix& A = *job.matrix;
  constexpr int FIELDS = 16 / BITS;
  const int words = A.K * BITS / 32;
  const uint32_t* w = static_cast<const uint32_t*>(A.weight) + static_cast<size_t>(n) * words;
  const size_t stride = spread_size(A);
  const float* x = job.x + m * stride;
  V::F total[R][B] = {};
  const int16_t* in = reinterpret_cast<const int16_t*>(x);
  for (int at = 0; at < words; at += V::W, in += 32 * FIELDS) {
    const int g = HALVES ? at / 4 : at / groups.words;
    LLAMBA_UNROLL
    for (int r = 0; r < R; r++) {
      const uint32_t* from = w + static_cast<size_t>(r) * words + at;
      __builtin_prefetch(from + kAhead);
      V::I weight[FIELDS];
      short_fields<BITS, 0>(V::words(from, words - at), weight);
      const float* s = groups.scales + r * groups.count + g;
      const V::F scale = HALVES ? V::halves(s) : V::set1(*s);
      LLAMBA_UNROLL
      for (int b = 0; b < B; b++) {
        const int16_t* of = in + b * stride * 2;
        const V::F both = V::fma(dot<FIELDS>(weight, of), V::set1(256), dot<FIELDS>(weight, of + 16 * FIELDS));
        total[r][b] = V::fma(scale, both, total[r][b]);
      }
    }
  }
  const float* sums = x + static_cast<size_t>(vectors_of(A)) * 16 * FIELDS;
  for (int g = 0; g < groups.count; g += V::W) {
    LLAMBA_UNROLL
    for (int r = 0; r < R; r++) {
      const V::F bias = V::load(groups.biases + r * groups.count + g);
      LLAMBA_UNROLL
      for (int b = 0; b < B; b++) total[r][b] = V::fma(bias, V::load(sums + b * stride + g), total[r][b]);
    }
  }
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) {
    const float step = sums[b * stride + padded_groups(A)];
    LLAMBA_UNROLL
    for (int r = 0; r < R; r++) job.y[static_cast<size_t>(m + b) * A.N + n + r] = step * V::sum(total[r][b]);
  }
}

template <int BITS, int R, int B>
void rows(const MatvecJob& job, int n, int m, const Groups& groups) {
  if constexpr (BITS == 4) {
    if (groups.words == 4) return integer_rows<BITS, true, R, B>(job, n, m, groups);
  }
  integer_rows<BITS, false, R, B>(job, n, m, groups);
}

template <int BITS, int R>
void rows_of_batch(const MatvecJob& job, int n, const Groups& groups) {
  int m = 0;
  for (; m + 4 <= job.M; m += 4)
    for (int r = 0; r < R; r++) rows<BITS, 1, 4>(job, n + r, m, groups.from(r));  // 16 registers hold no more sums
  for (; m + 2 <= job.M; m += 2) rows<BITS, R, 2>(job, n, m, groups);
  for (; m < job.M; m++) rows<BITS, R, 1>(job, n, m, groups);
}
