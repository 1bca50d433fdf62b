// x times a matrix for few rows of x. Included by kernel_text.h.

inline int word_floats(const Matrix& A) { return A.K * A.bits / 32 * (A.bits == 4 ? kSpread<4> : kSpread<8>); }

// What meets the words, then the sum of each group's elements in steps, then the step.
size_t spread_size(const Matrix& A) { return static_cast<size_t>(word_floats(A) + A.K / A.group + 1 + 15) / 16 * 16; }

void spread(const float* x, const Matrix& A, float* out) {
  float* sums = out + word_floats(A);
  sums[A.K / A.group] = A.bits == 4 ? spread_row<4>(x, A, out, sums) : spread_row<8>(x, A, out, sums);
}

// Rows [n, n + kTileRows) of the matrix times rows [m, m + B) of x:
// y = step * sum over groups of (scale * (q . n) + bias * sum(n)), where n are the elements of x in steps.
template <int BITS, int B>
void tile_rows(const MatvecJob& job, const Tile& tile, int n, int m) {
  const Matrix& A = *job.matrix;
  const int groups = A.K / A.group, words = A.group * BITS / 32;
  const size_t stride = spread_size(A);
  const float *x = job.x + m * stride, *sums = x + word_floats(A);
  const size_t size = static_cast<size_t>(groups) * words * kTileRows * sizeof(uint32_t);
  Ahead ahead = {reinterpret_cast<const char*>(tile.words) + size + size * m / job.M,
                 static_cast<int>(sizeof(uint32_t)) * V::W * B / job.M};
  for (int lane = 0; lane < kTileRows && n + lane < A.N; lane += V::W) {
    V::F total[B] = {};
    for (int g = 0; g < groups; g++) {
      V::F dot[B];
      multiply_group<BITS, B>(tile.words + static_cast<size_t>(g) * words * kTileRows + lane, words,
                              x + g * words * kSpread<BITS>, stride, ahead, dot);
      const size_t at = static_cast<size_t>(g) * kTileRows + lane;
      const V::F scale = numbers(tile.scales, at, tile.number), bias = numbers(tile.biases, at, tile.number);
      LLAMBA_UNROLL
      for (int b = 0; b < B; b++)
        total[b] = V::fma(scale, dot[b], V::fma(bias, V::set1(sums[b * stride + g]), total[b]));
    }
    for (int b = 0; b < B; b++) {
      float out[V::W], *y = job.y + static_cast<size_t>(m + b) * A.N + n + lane;
      V::store(out, V::mul(total[b], V::set1(sums[b * stride + groups])));
      for (int i = 0; i < V::W && n + lane + i < A.N; i++) y[i] = out[i];
    }
  }
}

template <int BITS, int B>
void rest_of_batch(const MatvecJob& job, const Tile& tile, int n, int m) {
  for (; m + B <= job.M; m += B) tile_rows<BITS, B>(job, tile, n, m);
  if constexpr (B > 1) rest_of_batch<BITS, B / 2>(job, tile, n, m);
}

template <int BITS>
void quantized_rows(const MatvecJob& job, int n0, int n1) {
  for (int n = n0; n < n1; n += kTileRows) rest_of_batch<BITS, V::B>(job, tile_at(*job.matrix, n), n, 0);
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
