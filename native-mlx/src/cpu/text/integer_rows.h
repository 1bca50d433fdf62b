// Rows of a quantized matrix times x in integers. A row of x becomes whole numbers n of 24 bits times one step, kLargest
// steps being its largest magnitude, so that products are as near to the exact ones as float32's. Each n is written in
// digits of base 256, as wide as the lanes in which the processor multiplies and sums integers (V::Digit): int8, three of
// them; or int16, whose first holds the upper two. A lane of a vector of words then yields its weights by one shift and one
// mask each, where float32 needs a conversion too and holds fewer. Included by kernel_text.h.
//
// All integer sums are exact: 8 products of 15 * 2^23, or 4 of 255 * 2^15, stay below 2^31 in 32 bits.

constexpr float kLargest = 127 * 65536;                  // the first digit fits, also where a product is rounded up
constexpr float kLeast = 1e-30f;                         // below it, a row counts as zero: 1 / step would overflow
constexpr int kDigits = sizeof(V::Digit) == 1 ? 3 : 2;  // of a number, the highest first
constexpr int kLanes = V::W * 4 / sizeof(V::Digit);

template <int BITS>
constexpr int kFields = 8 * sizeof(V::Digit) / BITS;  // weights of a lane

inline int vectors_of(const Matrix& A) { return (A.K * A.bits / 32 + V::W - 1) / V::W; }
inline int padded(int count) { return (count + V::W - 1) / V::W * V::W; }

// Each vector's digits [kDigits][fields][kLanes]; then the sums of the groups, in steps; then the step.
size_t spread_size(const Matrix& A) {
  const size_t bytes = static_cast<size_t>(vectors_of(A)) * V::W * (32 / A.bits) * kDigits * sizeof(V::Digit);
  return bytes / sizeof(float) + padded(A.K / A.group) + V::W;
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

// Field j of lane i is element i * FIELDS + j.
template <int FIELDS>
void spread_fields(const float* x, const Matrix& A, float* out) {
  constexpr int LENGTH = kLanes * FIELDS;
  const int vectors = vectors_of(A), groups = A.K / A.group;
  V::Digit* to = reinterpret_cast<V::Digit*>(out);
  float* sums = out + static_cast<size_t>(vectors) * LENGTH * kDigits * sizeof(V::Digit) / sizeof(float);
  const auto [step, inverse] = step_of(x, A.K);
  int32_t n[LENGTH];
  uint32_t sum = 0;  // of a row that is not finite, any
  for (int v = 0; v < vectors; v++, to += kDigits * LENGTH) {
    for (int i = 0; i < LENGTH; i += V::W) {
      const int k = v * LENGTH + i;
      V::store_rounded(n + i, k < A.K ? V::mul(V::load(x + k), V::set1(inverse)) : V::zero());
      for (int l = i; l < i + V::W; l++) sum += static_cast<uint32_t>(n[l]);
      if ((k + V::W) % A.group != 0 || k >= A.K) continue;
      sums[k / A.group] = static_cast<float>(static_cast<int32_t>(sum));
      sum = 0;
    }
    for (int d = kDigits - 1; d >= 0; d--) {
      V::Digit digit[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        const int32_t above = (n[i] + 128) >> 8;
        digit[i] = static_cast<V::Digit>(d == 0 ? n[i] : n[i] - above * 256);
        n[i] = above;
      }
      for (int i = 0; i < kLanes; i++)
        for (int j = 0; j < FIELDS; j++) to[(d * FIELDS + j) * kLanes + i] = digit[i * FIELDS + j];
    }
  }
  for (int g = groups; g < padded(groups); g++) sums[g] = 0;
  sums[padded(groups)] = step;
}

void spread(const float* x, const Matrix& A, float* out) {
  if (A.bits == 4) return spread_fields<kFields<4>>(x, A, out);
  spread_fields<kFields<8>>(x, A, out);
}

template <int BITS, int J>
inline void fields_of(V::I word, V::I (&out)[kFields<BITS>]) {
  out[J] = V::template digit_field<BITS, J>(word);
  if constexpr (J + 1 < kFields<BITS>) fields_of<BITS, J + 1>(word, out);
}

// q . n of each word of a vector, x being its digits.
template <int BITS>
inline V::F product(const V::I (&weight)[kFields<BITS>], const V::Digit* x) {
  V::I upper = V::no_integers(), last;
  LLAMBA_UNROLL
  for (int d = 0; d < kDigits; d++) {
    last = V::no_integers();
    LLAMBA_UNROLL
    for (int j = 0; j < kFields<BITS>; j++)
      last = V::dot_digits(last, weight[j], V::load_integers(x + (d * kFields<BITS> + j) * kLanes));
    if (d == 0) upper = last;
    else if (d < kDigits - 1) upper = V::add_integers(V::times_256(upper), last);
  }
  if constexpr (BITS == 4) return V::to_float(V::add_integers(V::times_256(upper), last));
  return V::fma(V::to_float(upper), V::set1(256), V::to_float(last));
}

// Row n of the matrix times rows m .. m + B of x, in lanes yet to be summed and in steps:
// sum over groups of (scale * (q . n) + bias * sum(n)).
template <int BITS, int B>
inline void row(const MatvecJob& job, int n, int m, const Groups& groups, V::F (&total)[B]) {
  const Matrix& A = *job.matrix;
  const int words = A.K * BITS / 32, shift = __builtin_ctz(groups.words);
  const uint32_t* w = static_cast<const uint32_t*>(A.weight) + static_cast<size_t>(n) * words;
  const size_t stride = groups.stride;
  const float *x = job.x + m * stride, *sums = x + stride - V::W - padded(groups.count);
  V::F sum[B] = {};
  for (int at = 0; at < words; at += V::W) {
    __builtin_prefetch(w + at + kAhead);
    V::I weight[kFields<BITS>];
    fields_of<BITS, 0>(V::words(w + at, words - at), weight);
    const V::F scale = V::permute(V::load(groups.scales + (at >> shift)), groups.lanes);
    const float* in = x + at * (32 / BITS * kDigits * sizeof(V::Digit) / sizeof(float));
    LLAMBA_UNROLL
    for (int b = 0; b < B; b++)
      sum[b] = V::fma(scale, product<BITS>(weight, reinterpret_cast<const V::Digit*>(in + b * stride)), sum[b]);
  }
  for (int g = 0; g < groups.count; g += V::W) {
    const V::F bias = V::load(groups.biases + g);
    LLAMBA_UNROLL
    for (int b = 0; b < B; b++) sum[b] = V::fma(bias, V::load(sums + b * stride + g), sum[b]);
  }
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) total[b] = sum[b];
}

// Rows [n, n + count) of the matrix times rows m .. m + B of x.
template <int BITS, int B>
void rows(const MatvecJob& job, int n, int count, int m, const Groups& groups) {
  const float* steps = job.x + (m + 1) * groups.stride - V::W;
  float* y = job.y + static_cast<size_t>(m) * job.matrix->N + n;
  for (int r0 = 0; r0 < count; r0 += kTile) {
    const int tile = kTile < count - r0 ? kTile : count - r0;
    V::F total[kTile][B] = {};
    for (int r = 0; r < tile; r++) row<BITS, B>(job, n + r0 + r, m, groups.from(r0 + r), total[r]);
    for (int b = 0; b < B; b++) {
      const V::F lanes[kTile] = {total[0][b], total[1][b], total[2][b], total[3][b]};
      float sums[kTile];
      V::sums(lanes, sums);
      for (int r = 0; r < tile; r++)
        y[static_cast<size_t>(b) * job.matrix->N + r0 + r] = steps[b * groups.stride] * sums[r];
    }
  }
}

// Rows [n, n + count) of the matrix, whose scales and biases are widened: few enough to be read again from a cache.
template <int BITS>
void chunk_of_rows(const MatvecJob& job, int n, int count, const Groups& groups) {
  int m = 0;
  for (; m + 4 <= job.M; m += 4) rows<BITS, 4>(job, n, count, m, groups);
  for (; m + 2 <= job.M; m += 2) rows<BITS, 2>(job, n, count, m, groups);
  for (; m < job.M; m++) rows<BITS, 1>(job, n, count, m, groups);
}
