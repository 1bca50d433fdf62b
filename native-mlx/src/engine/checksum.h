#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace llamba {

/** A 64-bit checksum against accidents (not attackers): every step is a bijection of the running value for a fixed
    word, so any single altered word, thus any flipped bit, changes the result. About 4 GB/s. */
class Checksum {
 public:
  /** Pieces are delimited: add("ab"), add("c") differs from add("a"), add("bc"). */
  void add(const void* data, size_t bytes);
  void add(std::string_view text) { add(text.data(), text.size()); }
  std::string hex() const;  // 16 digits

 private:
  void mix(uint64_t word) {
    value_ = (value_ ^ word) * 0x9E3779B97F4A7C15ull;
    value_ = value_ << 29 | value_ >> 35;
  }
  uint64_t value_ = 0x6C6C616D6261ull;
};

}  // namespace llamba
