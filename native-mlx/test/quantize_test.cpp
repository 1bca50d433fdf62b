#include "engine/quantize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "support.h"

namespace mx = mlx::core;
using namespace llamba;

namespace {

mx::array half_of(const std::vector<uint8_t>& bytes, const std::string& dtype, const mx::Shape& shape) {
  mx::array a = mx::zeros(shape, dtype == "F16" ? mx::float16 : mx::bfloat16);
  a.eval();
  std::memcpy(a.data<char>(), bytes.data(), bytes.size());
  a = mx::astype(a, mx::float32);
  a.eval();
  return a;
}

}  // namespace

TEST_CASE("quantized rows hold the best code for the scale and offset that are stored, on this device") {
  constexpr int kRows = 5, kColumns = 256;
  mx::set_default_device(test::device());
  for (int bits : {4, 8})
    for (int group : {32, 64, 128}) {
      mx::array w = mx::multiply(mx::random::normal({kRows, kColumns}, mx::float32, mx::random::key(bits + group)),
                                 mx::array(0.3f));
      w.eval();
      const auto* from = reinterpret_cast<const uint8_t*>(w.data<float>());
      Quantized q = quantize({{from, from + w.nbytes()}, "F32", kRows, kColumns, bits, group});
      CHECK(q.dtype == "BF16");
      CHECK(q.words.size() == size_t(kRows) * kColumns * bits / 8);
      int groups = kColumns / group;
      mx::array scales = half_of(q.scales, q.dtype, {kRows, groups}), offsets = half_of(q.offsets, q.dtype, {kRows, groups});
      // By spec 4.2, byte by byte: two codes of 4 bits or one of 8, little end first.
      double worst = 0;
      for (int i = 0; i < kRows * kColumns; ++i) {
        int code = bits == 8 ? q.words[i] : q.words[i / 2] >> (i % 2 * 4) & 15;
        float s = scales.data<float>()[i / group], b = offsets.data<float>()[i / group];
        double best = std::clamp((double(w.data<float>()[i]) - b) / s, 0.0, double((1 << bits) - 1));
        worst = std::max(worst, std::abs(code - best));
      }
      CHECK(worst <= 0.5 + 1e-3);
      // The scales are MLX's own, but for the last bit where a GPU divides otherwise.
      auto parts = mx::quantize(w, group, bits);
      CHECK(test::relative(scales, mx::astype(mx::astype(parts[1], mx::bfloat16), mx::float32)) < 0.005);
      CHECK(test::relative(offsets, mx::astype(mx::astype(parts[2], mx::bfloat16), mx::float32)) < 0.005);
    }
}

TEST_CASE("what cannot be quantized is refused by name") {
  mx::set_default_device(test::device());
  std::vector<float> row(64, 1.0f);
  auto bytes = [&] {
    const auto* from = reinterpret_cast<const uint8_t*>(row.data());
    return std::vector<uint8_t>(from, from + row.size() * 4);
  };
  auto code = [&](int columns, int bits, int group) -> std::string {
    try {
      quantize({bytes(), "F32", 1, columns, bits, group});
    } catch (const Error& error) {
      return error.code;
    }
    return "";
  };
  CHECK(code(64, 4, 64) == "");
  CHECK(code(64, 4, 128) == "bad-request");
  CHECK(code(32, 4, 32) == "bad-request");
  CHECK(code(64, 3, 32) == "bad-request");
  row[7] = NAN;
  CHECK(code(64, 8, 32) == "model-invalid");
}
