#pragma once

#include <bit>
#include <cstdint>

// Compiles the function once per instruction set and picks at load time, where the compiler and the C library can.
// Apple's arm64 has one set only.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define LLAMBA_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LLAMBA_CLONES
#endif

namespace llamba {

/** e^x within 2 ulp for x in [-87, 88], clamped outside, in a form that compilers turn into vector code (Cephes'
    polynomial). A NaN is clamped too: callers multiply by x, which keeps it. */
inline float fast_exp(float x) {
  x = x > -87.0f ? x : -87.0f;  // a NaN compares false
  x = x < 88.0f ? x : 88.0f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number
  float n = (x * 1.44269504f + kRound) - kRound;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  float e = p * r * r + r + 1.0f;
  return e * std::bit_cast<float>((int32_t(n) + 127) << 23);
}

inline float fast_silu(float x) { return x / (1.0f + fast_exp(-x)); }

}  // namespace llamba
