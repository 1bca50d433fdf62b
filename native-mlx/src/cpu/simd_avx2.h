// 8 lanes of AVX2 with FMA and F16C. Included after the translation unit has switched its target.
struct V {
  static constexpr int W = 8;
  static constexpr int MR = 4, NV = 3;  // 12 accumulators + 3 columns + 1 row of 16 registers
  static constexpr int GEMM_ROWS = 10;
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

  static I words(const uint32_t* p, int n) {
    if (n >= W) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    I lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_maskload_epi32(reinterpret_cast<const int*>(p), _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lane));
  }
  template <int BITS, int J>
  static F field(I w) {
    I shifted = J == 0 ? w : _mm256_srli_epi32(w, J * BITS);
    return _mm256_cvtepi32_ps(_mm256_and_si256(shifted, _mm256_set1_epi32((1 << BITS) - 1)));
  }
  static I pattern(int repeat) {
    alignas(32) int lane[W];
    for (int i = 0; i < W; i++) lane[i] = i / repeat;
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(lane));
  }
  static F permute(F v, I p) { return _mm256_permutevar8x32_ps(v, p); }
  // What integer_rows.h needs: lanes of 16 bits, whose products are summed in pairs to 32.
  using Digit = int16_t;
  static I load_integers(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  template <int BITS, int J>
  static I digit_field(I w) {
    I shifted = J == 0 ? w : _mm256_srli_epi16(w, J * BITS);
    return (J + 1) * BITS == 16 ? shifted : _mm256_and_si256(shifted, _mm256_set1_epi16((1 << BITS) - 1));
  }
  static I no_integers() { return _mm256_setzero_si256(); }
  static I dot_digits(I sum, I weight, I digits) { return _mm256_add_epi32(sum, _mm256_madd_epi16(weight, digits)); }
  static I add_integers(I a, I b) { return _mm256_add_epi32(a, b); }
  static I times_256(I v) { return _mm256_slli_epi32(v, 8); }
  static F to_float(I v) { return _mm256_cvtepi32_ps(v); }
  static void store_rounded(int32_t* p, F v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_cvtps_epi32(v));
  }
  static F magnitude(F v) { return _mm256_andnot_ps(set1(-0.0f), v); }
  static void sums(const F (&v)[4], float* out) {
    const F s = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1)));
  }
  static F widen(const uint16_t* p, Number number) {
    __m128i raw = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    if (number == Number::f16) return _mm256_cvtph_ps(raw);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(raw), 16));
  }
};
