#pragma once

#include "cpu/kernels.h"

namespace llamba::cpu {

/** Brings rows [N, count] of items into the order of tiles, in place. A tile is kTileRows rows, the last one those that
    remain; within it, item k of every row follows item k - 1 of every row. A vector's lanes are then rows: a product
    needs no sum over lanes, whatever K is, and reads the matrix from its beginning to its end.
    item: 2 or 4 bytes. */
void into_tiles(void* data, int N, int count, int item);

/** Where item k of row n lies, in items. */
inline int64_t tile_index(int N, int count, int n, int k) {
  const int first = n / kTileRows * kTileRows, rows = N - first < kTileRows ? N - first : kTileRows;
  return int64_t{first} * count + int64_t{k} * rows + (n - first);
}

}  // namespace llamba::cpu
