#pragma once

#include <bit>
#include <cstdint>

#include "cpu/kernels.h"

namespace llamba::cpu {

/** A 16-bit number as float32. */
inline float widen_one(uint16_t bits, Number number) {
  if (number == Number::bf16) return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
  uint32_t sign = (bits & 0x8000u) << 16;
  uint32_t magnitude = (bits & 0x7fffu) << 13;
  // A half's exponent is rebased by a product, which also normalises the subnormals.
  float value = std::bit_cast<float>(magnitude) * 0x1p112f;
  uint32_t out = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7c00u) == 0x7c00u) out = 0x7f800000u | magnitude;
  return std::bit_cast<float>(out | sign);
}

}  // namespace llamba::cpu
