// 8 lanes of AVX2 with FMA and F16C. Included after the translation unit has switched its target.
struct V {
  static constexpr int W = 8;
  static constexpr int MR = 4, NV = 3;  // 12 accumulators + 3 columns + 1 row of 16 registers
  static constexpr int B = 2;  // rows of x at once in a product without a panel
  static constexpr int GEMM_ROWS = 7;
  using F = __m256;
  using I = __m256i;

  static F zero() { return _mm256_setzero_ps(); }
  static F set1(float v) { return _mm256_set1_ps(v); }
  static F load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, F v) { _mm256_storeu_ps(p, v); }
  static F add(F a, F b) { return _mm256_add_ps(a, b); }
  static F mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static F max(F a, F b) { return _mm256_max_ps(a, b); }
  static F div(F a, F b) { return _mm256_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static F clamp(F v, float lo, float hi) { return _mm256_min_ps(_mm256_max_ps(v, set1(lo)), set1(hi)); }
  static float sum(F v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
  }
  static F power_of_two(F n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23));
  }
  static F round(F v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

  static I words(const uint32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  template <int BITS, int J>
  static F field(I w) {
    I shifted = J == 0 ? w : _mm256_srli_epi32(w, J * BITS);
    return _mm256_cvtepi32_ps(_mm256_and_si256(shifted, _mm256_set1_epi32((1 << BITS) - 1)));
  }
  // What integer_rows.h needs: lanes of 16 bits, whose products are summed in pairs to 32.
  using Digit = int16_t;
  static I repeat(int32_t v) { return _mm256_set1_epi32(v); }
  template <int BITS, int J>
  static I digit_field(I w) {
    I shifted = J == 0 ? w : _mm256_srli_epi16(w, J * BITS);
    return (J + 1) * BITS == 16 ? shifted : _mm256_and_si256(shifted, _mm256_set1_epi16((1 << BITS) - 1));
  }
  static I dot_digits(I sum, I weight, I digits) { return _mm256_add_epi32(sum, _mm256_madd_epi16(weight, digits)); }
  static I add_integers(I a, I b) { return _mm256_add_epi32(a, b); }
  static I times_256(I v) { return _mm256_slli_epi32(v, 8); }
  static F to_float(I v) { return _mm256_cvtepi32_ps(v); }
  static I round_to_integers(F v) { return _mm256_cvtps_epi32(v); }
  static int32_t sum_integers(I v) {
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
  }
  template <int BITS>
  static void store_digits(int32_t* to, I n) {
    const I high = _mm256_srai_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(128)), 8);
    // Four elements of each half: their high digits, then their low ones.
    const I digits = _mm256_packs_epi32(high, _mm256_sub_epi32(n, _mm256_slli_epi32(high, 8)));
    __m128i *out = reinterpret_cast<__m128i*>(to), a = _mm256_castsi256_si128(digits), b = _mm256_extracti128_si256(digits, 1);
    if constexpr (BITS == 4) {  // elements j and j + 4 of a word
      const __m128i highs = _mm_unpacklo_epi16(a, b), lows = _mm_unpackhi_epi16(a, b);
      a = _mm_unpacklo_epi32(highs, lows);
      b = _mm_unpackhi_epi32(highs, lows);
    } else {  // elements j and j + 2 of each of two words
      const __m128i order = _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
      a = _mm_shuffle_epi8(a, order);
      b = _mm_shuffle_epi8(b, order);
    }
    _mm_storeu_si128(out, a);
    _mm_storeu_si128(out + 1, b);
  }
  static F magnitude(F v) { return _mm256_andnot_ps(set1(-0.0f), v); }
  static F widen(const uint16_t* p, Number number) {
    __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    if (number == Number::f16) return _mm256_cvtph_ps(raw);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(raw), 16));
  }
};
