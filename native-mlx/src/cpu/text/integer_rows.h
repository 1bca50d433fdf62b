// A group of a quantized matrix's rows times x in integers. A row of x becomes whole numbers n of 24 bits times one step,
// kLargest steps being its largest magnitude, so that products are as near to the exact ones as float32's. Each n is written
// in digits of base 256, as wide as the lanes in which the processor multiplies and sums integers (V::Digit): int8, three of
// them; or int16, whose first holds the upper two. A lane of a vector of words then yields its weights by one shift and one
// mask each, where float32 needs a conversion too and holds fewer. Included by kernel_text.h.
//
// All integer sums are exact: of a group, 128 products of 255 * 127 * 257 (two digits of 8 bits) or 255 * 2^15 (one of 16)
// stay below 2^31.

constexpr float kLargest = 127 * 65536;                  // the first digit fits, also where a product is rounded up
constexpr float kLeast = 1e-30f;                         // below it, a row counts as zero: 1 / step would overflow
constexpr int kDigits = sizeof(V::Digit) == 1 ? 3 : 2;  // of a number, the highest first

// Fields of a word: its lanes of digits hold several weights each.
template <int BITS>
constexpr int kFields = 8 * sizeof(V::Digit) / BITS;

// int32 that meet one word: [fields][digits], each the digits of the elements whose weights a mask yields together.
template <int BITS>
constexpr int kSpread = kFields<BITS> * kDigits;

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

// The digits of x, and the sum of each group's n; returns the step.
template <int BITS>
float spread_row(const float* x, const Matrix& A, float* out, float* sums) {
  int32_t* to = reinterpret_cast<int32_t*>(out);
  const auto [step, inverse] = step_of(x, A.K);
  for (int g = 0, k = 0; g < A.K / A.group; g++) {
    V::I sum = {};
    for (int end = k + A.group; k < end; k += V::W, to += V::W * BITS / 32 * kSpread<BITS>) {
      const V::I n = V::round_to_integers(V::mul(V::load(x + k), V::set1(inverse)));
      sum = V::add_integers(sum, n);
      V::template store_digits<BITS>(to, n);
    }
    sums[g] = static_cast<float>(V::sum_integers(sum));
  }
  return step;
}

template <int BITS, int J, int B>
inline void multiply_fields(V::I word, const int32_t* const (&x)[B], V::I (&sum)[B][kDigits]) {
  const V::I q = V::template digit_field<BITS, J>(word);
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) {
    LLAMBA_UNROLL
    for (int d = 0; d < kDigits; d++)
      sum[b][d] = V::dot_digits(sum[b][d], q, V::repeat(x[b][J * kDigits + d]));
  }
  if constexpr (J + 1 < kFields<BITS>) multiply_fields<BITS, J + 1, B>(word, x, sum);
}

// q . n of W rows of the matrix for B rows of x.
template <int BITS, int B>
inline void multiply_group(const uint32_t* words, int count, const float* spread, size_t stride, Ahead& ahead,
                           V::F (&out)[B]) {
  const int32_t* x[B];
  for (int b = 0; b < B; b++) x[b] = reinterpret_cast<const int32_t*>(spread + b * stride);
  V::I sum[B][kDigits] = {};
  for (int k = 0; k < count; k++, words += kTileRows) {
    ahead.fetch();
    multiply_fields<BITS, 0, B>(V::words(words), x, sum);
    for (auto& row : x) row += kSpread<BITS>;
  }
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) {
    V::I upper = sum[b][0];
    if constexpr (kDigits == 3) upper = V::add_integers(V::times_256(upper), sum[b][1]);
    out[b] = V::fma(V::to_float(upper), V::set1(256.0f), V::to_float(sum[b][kDigits - 1]));
  }
}
