// Included by kernel_text.h.

// Arrays of vectors become registers only where every index is known.
#define LLAMBA_UNROLL _Pragma("GCC unroll 8")

// The next loop's rounds do not depend on each other. clang checks that itself when the loop runs, and warns about a
// promise that it could not use.
#if defined(__clang__)
#define LLAMBA_INDEPENDENT
#else
#define LLAMBA_INDEPENDENT _Pragma("GCC ivdep")
#endif

inline void widen_all(const void* from, size_t begin, int n, Number number, float* out) {
  if (number == Number::f32) {
    const float* p = static_cast<const float*>(from) + begin;
    for (int i = 0; i < n; i++) out[i] = p[i];
    return;
  }
  const uint16_t* p = static_cast<const uint16_t*>(from) + begin;
  int i = 0;
  for (; i + V::W <= n; i += V::W) V::store(out + i, V::widen(p + i, number));
  for (; i < n; i++) out[i] = widen_one(p[i], number);
}
