#include "engine/linear.h"

#include <algorithm>

#include "cpu/quantized_matmul.h"
#include "engine/embed_rows.h"
#include "engine/host_op.h"

namespace mx = mlx::core;

namespace llamba {

mx::array Linear::operator()(const mx::array& x) const {
  mx::array y = scales ? quantized_matmul(x, weight, *scales, *offsets, group_size, bits) : dense_matmul(x, weight);
  return bias ? mx::add(y, *bias) : y;
}

mx::array Linear::rows(const mx::array& ids, mx::Dtype dtype) const {
  if (on_cpu()) return embed_rows(*this, ids);
  mx::array picked = mx::take(weight, ids, 0);
  if (scales) picked = mx::dequantize(picked, mx::take(*scales, ids, 0), mx::take(*offsets, ids, 0), group_size, bits);
  return mx::astype(picked, dtype);
}

int64_t Linear::bytes() const {
  int64_t sum = weight.nbytes();
  for (const auto* part : {&scales, &offsets, &bias})
    if (*part) sum += (*part)->nbytes();
  return sum;
}

mx::array Stack::operator()(const mx::array& x) const {
  if (parts.size() == 1) return parts[0](x);
  std::vector<mx::array> outputs;
  for (const auto& part : parts) outputs.push_back(part(x));
  return mx::concatenate(std::move(outputs), -1);
}

int64_t Stack::bytes() const {
  int64_t sum = 0;
  for (const auto& part : parts) sum += part.bytes();
  return sum;
}

Stack stack(std::vector<Linear> parts) {
  const Linear& first = parts[0];
  bool alike = std::all_of(parts.begin(), parts.end(), [&](const Linear& p) {
    return p.weight.dtype() == first.weight.dtype() && p.bits == first.bits && p.group_size == first.group_size &&
           p.scales.has_value() == first.scales.has_value() && p.bias.has_value() == first.bias.has_value();
  });
  if (!alike || parts.size() == 1) return {std::move(parts)};
  auto join = [&](auto member) {
    std::vector<mx::array> rows;
    for (const auto& part : parts) rows.push_back(*member(part));
    mx::array whole = mx::concatenate(std::move(rows), 0);
    whole.eval();
    return whole;
  };
  Linear one{join([](const Linear& p) { return &p.weight; }), {}, {}, {}, first.group_size, first.bits};
  if (first.scales) {
    one.scales = join([](const Linear& p) { return &*p.scales; });
    one.offsets = join([](const Linear& p) { return &*p.offsets; });
  }
  if (first.bias) one.bias = join([](const Linear& p) { return &*p.bias; });
  return {{std::move(one)}};
}

}  // namespace llamba
