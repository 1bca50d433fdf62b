// x times a matrix for few rows of x: bound by memory. Included by kernel_text.h.
// Names: W lanes, R rows of the matrix at once, B rows of x at once.

// Scales and biases of up to this many groups are widened at a time; they stay in L1.
constexpr int kGroups = 512;

// Words to fetch ahead, 4 KiB: rows of a narrow matrix are too short for the processor to see a stream.
constexpr int kAhead = 1024;

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
      job.y[static_cast<size_t>(m) * A.N + n + r] = sum;
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
