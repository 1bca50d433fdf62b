// Rows of a quantized matrix times x in float32: every weight becomes a float. Included by kernel_text.h.

inline int padded_words(const Matrix& A) { return (A.K * A.bits / 32 + V::W - 1) / V::W * V::W; }

// The elements, then the sum of each word's.
size_t spread_size(const Matrix& A) { return static_cast<size_t>(padded_words(A)) * (32 / A.bits + 1); }

// Word l of a vector holds elements l * fields ..; field j of all W words is one vector of x.
void spread(const float* x, const Matrix& A, float* out) {
  const int fields = 32 / A.bits, words = A.K / fields, padded = padded_words(A);
  float* sums = out + static_cast<size_t>(padded) * fields;
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

// y = sum over groups of scale * (q . x) + bias * sum(x)
template <int BITS, int R, int B>
void rows(const MatvecJob& job, int n, int m, const Groups& groups) {
  const Matrix& A = *job.matrix;
  constexpr int FIELDS = 32 / BITS;
  const int words = A.K / FIELDS;
  const bool wide = groups.words >= V::W;  // one group a vector, else several
  const V::I lanes = groups.lanes;
  const uint32_t* w = static_cast<const uint32_t*>(A.weight) + static_cast<size_t>(n) * words;
  const size_t stride = groups.stride;
  const float* x = job.x + m * stride;
  const float* sums = x + static_cast<size_t>(padded_words(A)) * FIELDS;
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
    for (int b = 0; b < B; b++) sum[b] = V::load(sums + b * stride + at);
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
    for (int r = 0; r < R; r++) job.y[at + r] = V::sum(total[r][b]);
  }
}

template <int BITS, int R>
void rows_of_batch(const MatvecJob& job, int n, const Groups& groups) {
  int m = 0;
  for (; m + 2 <= job.M; m += 2) rows<BITS, R, 2>(job, n, m, groups);
  for (; m < job.M; m++) rows<BITS, R, 1>(job, n, m, groups);
}

template <int BITS>
void chunk_of_rows(const MatvecJob& job, int n, int count, const Groups& groups) {
  int r = 0;
  for (; r + kTile <= count; r += kTile) rows_of_batch<BITS, kTile>(job, n + r, groups.from(r));
  for (; r < count; r++) rows_of_batch<BITS, 1>(job, n + r, groups.from(r));
}
