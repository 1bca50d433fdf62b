// 16 lanes of AVX-512 (F, BW, DQ, VL, VNNI). Included after the translation unit has switched its target.
struct V {
  static constexpr int W = 16;
  static constexpr int MR = 8, NV = 3;  // 24 accumulators + 3 columns + 1 row of 32 registers
  static constexpr int B = 4;  // rows of x at once in a product without a panel
  static constexpr int GEMM_ROWS = INT_MAX;  // 24 bits times 4 in integers take 3/4 of float32's instructions
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

  static I words(const uint32_t* p) { return _mm512_loadu_si512(p); }
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
  // What integer_rows.h needs: lanes of 8 bits, whose products are summed in fours to 32.
  using Digit = int8_t;
  static I repeat(int32_t v) { return _mm512_set1_epi32(v); }
  template <int BITS, int J>
  static I digit_field(I w) {
    if constexpr (BITS == 8) return w;
    return _mm512_and_si512(J == 0 ? w : _mm512_srli_epi16(w, 4), _mm512_set1_epi8(15));
  }
  static I dot_digits(I sum, I weight, I digits) { return _mm512_dpbusd_epi32(sum, weight, digits); }
  static I add_integers(I a, I b) { return _mm512_add_epi32(a, b); }
  static I times_256(I v) { return _mm512_slli_epi32(v, 8); }
  static F to_float(I v) { return _mm512_cvtepi32_ps(v); }
  static I round_to_integers(F v) { return _mm512_cvtps_epi32(v); }
  static int32_t sum_integers(I v) { return _mm512_reduce_add_epi32(v); }
  // Adding 128 to a digit and flipping its highest bit leaves it signed and carries into the next.
  template <int BITS>
  static void store_digits(int32_t* to, I n) {
    const I digits = _mm512_set1_epi32(0x8080);
    n = _mm512_xor_si512(_mm512_add_epi32(n, digits), digits);
    if constexpr (BITS == 4)  // elements of a field side by side
      n = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15), n);
    // Each four elements' bytes to digits, the highest first, and the fourth byte away.
    n = _mm512_shuffle_epi8(n, _mm512_broadcast_i32x4(_mm_setr_epi8(2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12, -1, -1, -1, -1)));
    n = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0), n);
    _mm512_mask_storeu_epi32(to, 0xfff, n);
  }
  static F magnitude(F v) { return _mm512_abs_ps(v); }
  static F widen(const uint16_t* p, Number number) {
    __m256i raw = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    if (number == Number::f16) return _mm512_cvtph_ps(raw);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(raw), 16));
  }
};
