// A tile of a quantized matrix (tiles.h). Included by kernel_text.h.

// [K words][kTileRows], and [groups][kTileRows] numbers.
struct Tile {
  const uint32_t* words;
  const char *scales, *biases;
  Number number;
};

inline size_t size_of(Number number) { return number == Number::f32 ? 4 : 2; }

// items [count][rows] with the rows that a tile lacks as zeros.
inline void pad(const char* from, int count, int rows, size_t item, char* to) {
  for (int i = 0; i < count; i++, from += rows * item, to += kTileRows * item) {
    __builtin_memcpy(to, from, rows * item);
    __builtin_memset(to + rows * item, 0, (kTileRows - rows) * item);
  }
}

// The tile that begins with row n. The last one is copied if rows are missing; valid until the next such call.
inline Tile tile_at(const Matrix& A, int n) {
  const int words = A.K * A.bits / 32, groups = A.K / A.group, rows = A.N - n;
  const size_t item = size_of(A.number), at = static_cast<size_t>(n) * groups * item;
  const uint32_t* w = static_cast<const uint32_t*>(A.weight) + static_cast<size_t>(n) * words;
  const char *scales = static_cast<const char*>(A.scales) + at, *biases = static_cast<const char*>(A.biases) + at;
  if (rows >= kTileRows) return {w, scales, biases, A.number};
  char* own = reinterpret_cast<char*>(scratch(Scratch::tile, static_cast<size_t>(kTileRows) * (words + 2 * groups)));
  char *own_scales = own + sizeof(uint32_t) * kTileRows * words, *own_biases = own_scales + kTileRows * groups * item;
  pad(reinterpret_cast<const char*>(w), words, rows, sizeof(uint32_t), own);
  pad(scales, groups, rows, item, own_scales);
  pad(biases, groups, rows, item, own_biases);
  return {reinterpret_cast<const uint32_t*>(own), own_scales, own_biases, A.number};
}

// W numbers from item `at` on.
inline V::F numbers(const char* from, size_t at, Number number) {
  if (number == Number::f32) return V::load(reinterpret_cast<const float*>(from) + at);
  return V::widen(reinterpret_cast<const uint16_t*>(from) + at, number);
}

// The next tile's words, fetched evenly while this one meets all rows of x: the processor loses a stream at the end of a
// page, and would fetch nothing while a tile is read again.
struct Ahead {
  const char* at;
  int step;  // bytes
  void fetch() {
    __builtin_prefetch(at);
    at += step;
  }
};
