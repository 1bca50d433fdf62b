#pragma once

#include "engine/linear.h"

namespace llamba {

/** Rows `ids` (int32) of a matrix as float32 [ids..., in], on the CPU: quantized ones dequantized, 16-bit ones widened.
 */
mlx::core::array embed_rows(const Linear& table, const mlx::core::array& ids);

}  // namespace llamba
