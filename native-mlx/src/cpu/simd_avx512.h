// 16 lanes of AVX-512 (F, BW, DQ, VL, VNNI). Included after the translation unit has switched its target.
struct V {
  static constexpr int W = 16;
  static constexpr int MR = 8, NV = 3;  // 24 accumulators + 3 columns + 1 row of 32 registers
  static constexpr int GEMM_ROWS = 24;
  using F = __m512;
  using I = __m512i;

  static F zero() { return _mm512_setzero_ps(); }
  static F set1(float v) { return _mm512_set1_ps(v); }
  static F load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, F v) { _mm512_storeu_ps(p, v); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static F max(F a, F b) { return _mm512_max_ps(a, b); }
  static F div(F a, F b) { return _mm512_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F clamp(F v, float lo, float hi) { return _mm512_min_ps(_mm512_max_ps(v, set1(lo)), set1(hi)); }
  static float sum(F v) { return _mm512_reduce_add_ps(v); }
  static F power_of_two(F n) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23));
  }
  static F round(F v) { return _mm512_roundscale_ps(v, 0); }

  static I words(const uint32_t* p, int n) {
    return n >= W ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi32(static_cast<__mmask16>((1u << n) - 1), p);
  }
  // Only the low four bits of a permute's index count, so a table look-up is mask and conversion in one.
  template <int BITS, int J>
  static F field(I w) {
    I shifted = J == 0 ? w : _mm512_srli_epi32(w, J * BITS);
    if constexpr (BITS == 4) {
      const F table = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
      return _mm512_permutexvar_ps(shifted, table);
    }
    return _mm512_cvtepi32_ps(_mm512_and_si512(shifted, _mm512_set1_epi32(255)));
  }
  static I pattern(int repeat) {
    alignas(64) int lane[W];
    for (int i = 0; i < W; i++) lane[i] = i / repeat;
    return _mm512_load_si512(lane);
  }
  static F permute(F v, I p) { return _mm512_permutexvar_ps(p, v); }
  // What integer_rows.h needs: lanes of 8 bits, whose products are summed in fours to 32.
  using Digit = int8_t;
  static I load_integers(const int8_t* p) { return _mm512_loadu_si512(p); }
  template <int BITS, int J>
  static I digit_field(I w) {
    if constexpr (BITS == 8) return w;
    return _mm512_and_si512(J == 0 ? w : _mm512_srli_epi16(w, 4), _mm512_set1_epi8(15));
  }
  static I no_integers() { return _mm512_setzero_si512(); }
  static I dot_digits(I sum, I weight, I digits) { return _mm512_dpbusd_epi32(sum, weight, digits); }
  static I add_integers(I a, I b) { return _mm512_add_epi32(a, b); }
  static I times_256(I v) { return _mm512_slli_epi32(v, 8); }
  static F to_float(I v) { return _mm512_cvtepi32_ps(v); }
  static void store_rounded(int32_t* p, F v) { _mm512_storeu_si512(p, _mm512_cvtps_epi32(v)); }
  static F magnitude(F v) { return _mm512_abs_ps(v); }
  static void sums(const F (&v)[4], float* out) {
    // Halves of two side by side, then quarters of four.
    const F a = _mm512_add_ps(_mm512_shuffle_f32x4(v[0], v[1], 0x44), _mm512_shuffle_f32x4(v[0], v[1], 0xee));
    const F b = _mm512_add_ps(_mm512_shuffle_f32x4(v[2], v[3], 0x44), _mm512_shuffle_f32x4(v[2], v[3], 0xee));
    F s = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
    s = _mm512_add_ps(s, _mm512_permute_ps(s, 0x4e));
    s = _mm512_add_ps(s, _mm512_permute_ps(s, 0xb1));
    const I firsts = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    _mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_permutexvar_ps(firsts, s)));
  }
  static F widen(const uint16_t* p, Number number) {
    __m256i raw = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    if (number == Number::f16) return _mm512_cvtph_ps(raw);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(raw), 16));
  }
};
