#include "engine/embed_rows.h"

#include <optional>

#include "cpu/tiles.h"
#include "engine/host_op.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

/** Numbers of one of the three float types. */
struct Numbers {
  const void* data;
  mx::Dtype dtype;
  float operator[](int64_t i) const {
    if (dtype == mx::float32) return static_cast<const float*>(data)[i];
    if (dtype == mx::float16) return float(static_cast<const mx::float16_t*>(data)[i]);
    return float(static_cast<const mx::bfloat16_t*>(data)[i]);
  }
};

Numbers numbers(const mx::array& a) { return {a.data<char>(), a.dtype()}; }

struct EmbedRows {
  static constexpr const char* kName = "EmbedRows";
  int bits, group_size;

  auto bind(const std::vector<mx::array>& in, std::vector<mx::array>& out) const {
    bool quantized = bits > 0;
    const uint32_t* words = quantized ? in[1].data<uint32_t>() : nullptr;
    Numbers first = numbers(in[quantized ? 2 : 1]), offsets = numbers(in[quantized ? 3 : 1]);
    return [ids = in[0].data<int32_t>(), count = in[0].size(), y = out[0].data<float>(), width = out[0].shape(-1),
            N = in[1].shape(0), words, first, offsets, bits = bits, group = group_size] {
      for (size_t i = 0; i < count; ++i) {
        int64_t row = ids[i];
        float* to = y + int64_t(i) * width;
        if (!words) {
          for (int k = 0; k < width; ++k) to[k] = first[row * width + k];
          continue;
        }
        int fields = 32 / bits, groups = width / group;
        uint32_t mask = (1u << bits) - 1;
        for (int k = 0; k < width; ++k) {
          uint32_t word = words[cpu::tile_index(N, width / fields, int(row), k / fields)];
          uint32_t q = word >> (k % fields * bits) & mask;
          int64_t at = cpu::tile_index(N, groups, int(row), k / group);
          to[k] = first[at] * float(q) + offsets[at];
        }
      }
    };
  }
};

}  // namespace

mx::array embed_rows(const Linear& table, const mx::array& ids) {
  mx::Shape shape = ids.shape();
  shape.push_back(table.scales ? table.weight.shape(1) * 32 / table.bits : table.weight.shape(1));
  std::vector<mx::array> inputs{ids, table.weight};
  if (table.scales) inputs.insert(inputs.end(), {*table.scales, *table.offsets});
  return host_op(EmbedRows{table.bits, table.group_size}, {shape}, std::move(inputs))[0];
}

}  // namespace llamba
