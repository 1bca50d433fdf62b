// 4 lanes of plain C++: what a machine without the others runs, and the tests' second opinion.
struct V {
  static constexpr int W = 4;
  static constexpr int MR = 4, NV = 2;
  static constexpr int B = 2;  // rows of x at once in a product without a panel
  static constexpr int GEMM_ROWS = 16;
  struct F {
    float v[W];
  };
  struct I {
    uint32_t v[W];
  };
  template <typename Op>
  static F each(Op op) {
    F out;
    for (int i = 0; i < W; i++) out.v[i] = op(i);
    return out;
  }
  static F zero() { return {}; }
  static F set1(float v) { return each([=](int) { return v; }); }
  static F load(const float* p) { return each([=](int i) { return p[i]; }); }
  static void store(float* p, F v) {
    for (int i = 0; i < W; i++) p[i] = v.v[i];
  }
  static F add(F a, F b) { return each([&](int i) { return a.v[i] + b.v[i]; }); }
  static F mul(F a, F b) { return each([&](int i) { return a.v[i] * b.v[i]; }); }
  static F max(F a, F b) { return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; }); }
  static F div(F a, F b) { return each([&](int i) { return a.v[i] / b.v[i]; }); }
  static F fma(F a, F b, F c) { return each([&](int i) { return a.v[i] * b.v[i] + c.v[i]; }); }
  static F clamp(F v, float lo, float hi) {
    return each([&](int i) { return v.v[i] < lo ? lo : v.v[i] > hi ? hi : v.v[i]; });
  }
  static float sum(F v) { return (v.v[0] + v.v[2]) + (v.v[1] + v.v[3]); }
  static F power_of_two(F n) {
    return each([&](int i) {
      return std::bit_cast<float>(static_cast<uint32_t>(static_cast<int>(n.v[i]) + 127) << 23);
    });
  }
  static F round(F v) { return each([&](int i) { return std::nearbyint(v.v[i]); }); }

  static I words(const uint32_t* p) {
    I out;
    for (int i = 0; i < W; i++) out.v[i] = p[i];
    return out;
  }
  template <int BITS, int J>
  static F field(I w) {
    return each([&](int i) { return static_cast<float>(w.v[i] >> (J * BITS) & ((1 << BITS) - 1)); });
  }
  static F widen(const uint16_t* p, Number number) {
    return each([=](int i) { return widen_one(p[i], number); });
  }
};
