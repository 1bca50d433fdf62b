#include "cpu/arrays.h"

#include <cstring>
#include <sstream>
#include <stdexcept>

namespace mx = mlx::core;

namespace llamba::cpu {
namespace {

void copy_strided(const char* from, const mx::Shape& shape, const mx::Strides& strides, size_t axis, size_t item,
                  char*& to) {
  if (axis == shape.size()) {
    std::memcpy(to, from, item);
    to += item;
    return;
  }
  for (int i = 0; i < shape[axis]; i++)
    copy_strided(from + i * strides[axis] * static_cast<int64_t>(item), shape, strides, axis + 1, item, to);
}

Number number(mx::Dtype type) {
  if (type == mx::float32) return Number::f32;
  if (type == mx::float16) return Number::f16;
  if (type == mx::bfloat16) return Number::bf16;
  throw std::invalid_argument("[llamba] a matrix must hold float32, float16 or bfloat16 numbers");
}

[[noreturn]] void refuse(const char* what, const mx::array& x, const mx::array& weight) {
  std::ostringstream text;
  text << "[llamba] " << what << ": x " << x.shape() << ", weight " << weight.shape();
  throw std::invalid_argument(text.str());
}

}  // namespace

std::vector<mx::array> dense(const std::vector<mx::array>& inputs, mx::Stream stream) {
  std::vector<mx::array> out;
  out.reserve(inputs.size());
  for (const auto& in : inputs) {
    if (in.flags().row_contiguous) {
      out.push_back(in);
      continue;
    }
    mx::array copy(in.shape(), in.dtype(), nullptr, {});
    copy.set_data(mx::allocator::malloc(in.nbytes()));
    auto& encoder = mx::cpu::get_command_encoder(stream);
    encoder.dispatch([from = in.data<char>(), to = copy.data<char>(), shape = in.shape(), strides = in.strides(),
                      item = in.itemsize()]() mutable { copy_strided(from, shape, strides, 0, item, to); });
    encoder.add_temporary(copy);
    out.push_back(copy);
  }
  return out;
}

Matrix matrix(const std::vector<mx::array>& arrays, size_t at, int K, int group, int bits) {
  const auto& weight = arrays[at];
  if (bits == 0)
    return {weight.data<void>(), nullptr, nullptr, number(weight.dtype()), 0, 0, weight.shape(0), K};
  const auto &scales = arrays[at + 1], &biases = arrays[at + 2];
  return {weight.data<void>(), scales.data<void>(), biases.data<void>(), number(scales.dtype()), bits, group,
          weight.shape(0),     K};
}

std::vector<mx::array> checked(const mx::array& x, const mx::array& weight, const mx::array& scales,
                               const mx::array& biases, int group, int bits) {
  if (bits != 4 && bits != 8) refuse("bits must be 4 or 8", x, weight);
  if (group != 32 && group != 64 && group != 128) refuse("the group size must be 32, 64 or 128", x, weight);
  if (weight.ndim() != 2 || weight.dtype() != mx::uint32)
    refuse("the weight must be uint32 [N, K * bits / 32]", x, weight);
  if (x.ndim() == 0 || x.shape(-1) % group != 0 || weight.shape(1) != x.shape(-1) * bits / 32)
    refuse("the widths do not fit", x, weight);
  const mx::Shape groups = {weight.shape(0), x.shape(-1) / group};
  if (scales.shape() != groups || biases.shape() != groups || scales.dtype() != biases.dtype())
    refuse("scales and biases must be [N, K / group] of one type", x, weight);
  number(scales.dtype());
  return {weight, scales, biases};
}

std::vector<mx::array> checked(const mx::array& x, const mx::array& weight) {
  if (x.ndim() == 0 || weight.ndim() != 2 || weight.shape(1) != x.shape(-1)) refuse("the widths do not fit", x, weight);
  number(weight.dtype());
  return {weight};
}

}  // namespace llamba::cpu
