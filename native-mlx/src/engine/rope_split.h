#pragma once

#include <cstdint>
#include <vector>

#include "mlx/mlx.h"

namespace llamba {

struct Heads {
  mlx::core::array q;     // [B, H, L, D], turned
  mlx::core::array k, v;  // [B, KV, L, D], k turned
};

/** [q | k | v] of [B, L, (heads + 2 kv_heads) D] by head, queries and keys turned by their positions: row b starts at
    offsets[b]. Pair (i, i + D/2) turns by position / wavelengths[i]. */
Heads rope_split(const mlx::core::array& qkv, const mlx::core::array& wavelengths, const std::vector<int64_t>& offsets,
                 int heads, int kv_heads);

}  // namespace llamba
