#include "cpu/tiles.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace llamba::cpu {
namespace {

template <typename T>
void transpose_tiles(T* data, int N, int count) {
  std::vector<T> tile(static_cast<size_t>(kTileRows) * count);
  for (int n = 0; n < N; n += kTileRows) {
    const int rows = std::min(kTileRows, N - n);
    T* at = data + static_cast<size_t>(n) * count;
    std::memcpy(tile.data(), at, sizeof(T) * rows * count);
    for (int k = 0; k < count; k++)
      for (int r = 0; r < rows; r++) *at++ = tile[static_cast<size_t>(r) * count + k];
  }
}

}  // namespace

void into_tiles(void* data, int N, int count, int item) {
  if (item == 4) return transpose_tiles(static_cast<uint32_t*>(data), N, count);
  transpose_tiles(static_cast<uint16_t*>(data), N, count);
}

}  // namespace llamba::cpu
