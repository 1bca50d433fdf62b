// A group of a quantized matrix's rows times x in float32: every weight becomes a float. Included by kernel_text.h.

template <int BITS>
constexpr int kSpread = 32 / BITS;  // floats that meet one word: x as it is

// x, and the sum of each group's elements; returns the step, which is 1.
template <int BITS>
float spread_row(const float* x, const Matrix& A, float* out, float* sums) {
  for (int g = 0, k = 0; g < A.K / A.group; g++) {
    float sum = 0;
    for (int end = k + A.group; k < end; k++) sum += out[k] = x[k];
    sums[g] = sum;
  }
  return 1;
}

template <int BITS, int J, int B>
inline void multiply_fields(V::I word, const float* x, size_t stride, V::F (&sum)[B]) {
  const V::F q = V::template field<BITS, J>(word);
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) sum[b] = V::fma(q, V::set1(x[b * stride + J]), sum[b]);
  if constexpr (J + 1 < 32 / BITS) multiply_fields<BITS, J + 1, B>(word, x, stride, sum);
}

// q . x of W rows of the matrix for B rows of x.
template <int BITS, int B>
inline void multiply_group(const uint32_t* words, int count, const float* x, size_t stride, Ahead& ahead,
                           V::F (&sum)[B]) {
  LLAMBA_UNROLL
  for (int b = 0; b < B; b++) sum[b] = V::zero();
  for (int k = 0; k < count; k++, words += kTileRows, x += kSpread<BITS>) {
    ahead.fetch();
    multiply_fields<BITS, 0, B>(V::words(words), x, stride, sum);
  }
}
