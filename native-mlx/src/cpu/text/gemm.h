// The two halves of the GEMM: a panel of columns, dequantized, and the tile of register sums. Included by kernel_text.h.

constexpr int NR = V::NV * V::W;

template <int BITS, int J>
inline void store_fields(V::I word, V::F scale, V::F bias, float* out) {
  V::store(out + J * NR, V::fma(V::template field<BITS, J>(word), scale, bias));
  if constexpr (J + 1 < 32 / BITS) store_fields<BITS, J + 1>(word, scale, bias, out);
}

// A vector of words of W columns yields W columns of `fields` rows without a shuffle.
template <int BITS>
void quantized_panel(const Matrix& A, int n0, int k0, int k1, float* out) {
  constexpr int FIELDS = 32 / BITS;
  const int group_words = A.group / FIELDS;
  for (int c = 0; c < NR; c += V::W) {
    float* column = out + c;
    if (n0 + c >= A.N) {
      for (int k = k0; k < k1; k++, column += NR) V::store(column, V::zero());
      continue;
    }
    const int lane = (n0 + c) % kTileRows;
    const Tile tile = tile_at(A, n0 + c - lane);
    for (int w = k0 / FIELDS; w < k1 / FIELDS;) {
      const size_t group = static_cast<size_t>(w / group_words) * kTileRows + lane;
      const V::F scale = numbers(tile.scales, group, tile.number), bias = numbers(tile.biases, group, tile.number);
      do {
        store_fields<BITS, 0>(V::words(tile.words + static_cast<size_t>(w) * kTileRows + lane), scale, bias, column);
        column += FIELDS * NR;
      } while (++w % group_words != 0 && w < k1 / FIELDS);
    }
  }
}

void plain_panel(const Matrix& A, int n0, int k0, int k1, float* out) {
  const int cols = A.N - n0 < NR ? A.N - n0 : NR;
  constexpr int CHUNK = 512;
  float row[CHUNK];
  for (int k = k0; k < k1; k += CHUNK) {
    const int count = k1 - k < CHUNK ? k1 - k : CHUNK;
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
