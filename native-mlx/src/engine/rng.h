#pragma once

#include <cstdint>

namespace llamba {

/** xoshiro256** seeded by splitmix64 (Blackman and Vigna): the same numbers on every machine. */
class Rng {
 public:
  explicit Rng(uint64_t seed) {
    for (auto& word : state_) {
      uint64_t z = (seed += 0x9E3779B97F4A7C15ull);
      z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
      z = (z ^ z >> 27) * 0x94D049BB133111EBull;
      word = z ^ z >> 31;
    }
  }

  uint64_t next() {
    uint64_t out = rotate(state_[1] * 5, 7) * 9, t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return out;
  }

  /** In [0, 1), 53 bits. */
  double uniform() { return double(next() >> 11) * 0x1.0p-53; }

 private:
  static uint64_t rotate(uint64_t v, int k) { return v << k | v >> (64 - k); }
  uint64_t state_[4];
};

}  // namespace llamba
