// x times a matrix for few rows of x. Included by kernel_text.h.

template <int BITS>
void quantized_rows(const MatvecJob& job, int n0, int n1) {
  const Matrix& A = *job.matrix;
  const int count = A.K / A.group, words = A.group * BITS / 32;
  const int step = count * kTile <= kGroups ? kGroups / count / kTile * kTile : kTile;
  const size_t size = static_cast<size_t>(step) * count + V::W;  // a vector may reach past the last group
  float *scales = scratch(Scratch::scales, 2 * size), *biases = scales + size;
  const Groups groups = {scales, biases, count, words, V::pattern(words < V::W ? words : V::W), spread_size(A)};
  const size_t number_size = A.number == Number::f32 ? 4 : 2;
  const auto fetch_groups = [&](int n) {  // of the next rows
    const size_t from = static_cast<size_t>(n) * count * number_size, bytes = step * count * number_size;
    fetch(static_cast<const char*>(A.scales) + from, bytes);
    fetch(static_cast<const char*>(A.biases) + from, bytes);
  };
  fetch(static_cast<const uint32_t*>(A.weight) + static_cast<size_t>(n0) * (A.K * BITS / 32), kAhead * 4);
  fetch_groups(n0);
  for (int n = n0; n < n1;) {
    const int rows = step < n1 - n ? step : n1 - n;
    widen_all(A.scales, static_cast<size_t>(n) * count, rows * count, A.number, scales);
    widen_all(A.biases, static_cast<size_t>(n) * count, rows * count, A.number, biases);
    // Those lanes meet zeros of x, which leftovers that are not finite would spoil.
    V::store(scales + static_cast<size_t>(rows) * count, V::zero());
    V::store(biases + static_cast<size_t>(rows) * count, V::zero());
    fetch_groups(n + rows);
    chunk_of_rows<BITS>(job, n, rows, groups);
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
