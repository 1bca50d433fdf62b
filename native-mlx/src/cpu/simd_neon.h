// 4 lanes of NEON on arm64, where it is always there.
struct V {
  static constexpr int W = 4;
  static constexpr int MR = 8, NV = 3;  // 24 accumulators + 3 columns + 1 row of 32 registers
  static constexpr int B = 4;  // rows of x at once in a product without a panel
  static constexpr int GEMM_ROWS = 16;
  using F = float32x4_t;
  using I = uint32x4_t;

  static F zero() { return vdupq_n_f32(0); }
  static F set1(float v) { return vdupq_n_f32(v); }
  static F load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, F v) { vst1q_f32(p, v); }
  static F add(F a, F b) { return vaddq_f32(a, b); }
  static F mul(F a, F b) { return vmulq_f32(a, b); }
  static F max(F a, F b) { return vmaxq_f32(a, b); }
  static F div(F a, F b) { return vdivq_f32(a, b); }
  static F fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
  static F clamp(F v, float lo, float hi) { return vminq_f32(vmaxq_f32(v, set1(lo)), set1(hi)); }
  static float sum(F v) { return vaddvq_f32(v); }
  static F power_of_two(F n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23));
  }
  static F round(F v) { return vrndnq_f32(v); }

  static I words(const uint32_t* p) { return vld1q_u32(p); }
  template <int BITS, int J>
  static F field(I w) {
    if constexpr (J > 0) w = vshrq_n_u32(w, J * BITS);
    return vcvtq_f32_u32(vandq_u32(w, vdupq_n_u32((1 << BITS) - 1)));
  }
  static F widen(const uint16_t* p, Number number) {
    uint16x4_t raw = vld1_u16(p);
    if (number == Number::f16) return vcvt_f32_f16(vreinterpret_f16_u16(raw));
    return vreinterpretq_f32_u32(vshll_n_u16(raw, 16));
  }
};
