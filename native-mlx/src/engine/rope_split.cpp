#include "engine/rope_split.h"

#include <algorithm>
#include <cmath>

#include "cpu/pool.h"
#include "engine/host_op.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

/** On the CPU one primitive in place of MLX's forty, for all rows and heads. */
struct RopeSplit {
  static constexpr const char* kName = "RopeSplit";
  std::vector<int64_t> offsets;
  int heads, kv_heads;

  auto bind(const std::vector<mx::array>& in, std::vector<mx::array>& out) const {
    int width = in[0].shape(2) / (heads + 2 * kv_heads);
    return [from = in[0].data<float>(), wavelengths = in[1].data<float>(), q = out[0].data<float>(),
            k = out[1].data<float>(), v = out[2].data<float>(), length = in[0].shape(1), width, offsets = offsets,
            heads = heads, kv = kv_heads] {
      auto token = [&](int i) {
        int row = i / length, t = i % length, half = width / 2;
        std::vector<float> cosines(half), sines(half);
        for (int d = 0; d < half; ++d) {
          float angle = float(offsets[row] + t) * (1.0f / wavelengths[d]);
          cosines[d] = std::cos(angle);
          sines[d] = std::sin(angle);
        }
        const float* x = from + int64_t(i) * (heads + 2 * kv) * width;
        for (int h = 0; h < heads + kv; ++h, x += width) {
          float* y = h < heads ? q + ((int64_t(row) * heads + h) * length + t) * width
                               : k + ((int64_t(row) * kv + h - heads) * length + t) * width;
          for (int d = 0; d < half; ++d) {
            y[d] = x[d] * cosines[d] - x[d + half] * sines[d];
            y[d + half] = x[d] * sines[d] + x[d + half] * cosines[d];
          }
        }
        for (int h = 0; h < kv; ++h, x += width)
          std::copy_n(x, width, v + ((int64_t(row) * kv + h) * length + t) * width);
      };
      cpu::parallel(int(offsets.size()) * length, token);
    };
  }
};

Heads rope_split_ops(const mx::array& qkv, const mx::array& wavelengths, const std::vector<int64_t>& offsets, int heads,
                     int kv_heads) {
  int rows = qkv.shape(0), length = qkv.shape(1), all = heads + 2 * kv_heads, width = qkv.shape(2) / all;
  mx::array by_head = mx::transpose(mx::reshape(qkv, {rows, length, all, width}), {0, 2, 1, 3});
  auto part = [&](int from, int to) { return mx::slice(by_head, {0, from, 0, 0}, {rows, to, length, width}); };
  mx::array starts(offsets.begin(), {rows}, mx::int32);
  auto turned = [&](const mx::array& x) {
    return mx::fast::rope(x, width, false, std::nullopt, 1.0f, starts, wavelengths);
  };
  return {turned(part(0, heads)), turned(part(heads, heads + kv_heads)), part(heads + kv_heads, all)};
}

}  // namespace

Heads rope_split(const mx::array& qkv, const mx::array& wavelengths, const std::vector<int64_t>& offsets, int heads,
                 int kv_heads) {
  if (!on_cpu()) return rope_split_ops(qkv, wavelengths, offsets, heads, kv_heads);
  int rows = qkv.shape(0), length = qkv.shape(1), width = qkv.shape(2) / (heads + 2 * kv_heads);
  mx::Shape keys{rows, kv_heads, length, width};
  auto out = host_op(RopeSplit{offsets, heads, kv_heads}, {{rows, heads, length, width}, keys, keys}, {qkv, wavelengths});
  return {out[0], out[1], out[2]};
}

}  // namespace llamba
