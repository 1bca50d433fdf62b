#include "engine/linear.h"

#include <algorithm>

#include "cpu/kernels.h"
#include "cpu/large_pages.h"
#include "cpu/quantized_matmul.h"
#include "engine/embed_rows.h"
#include "engine/host_op.h"
#include "kernels/gpu_kernel.h"
#include "kernels/matvec_cuda.h"

namespace mx = mlx::core;

namespace llamba {

namespace {

int rows_of(const mx::array& x) { return int(x.size() / x.shape(-1)); }

constexpr int kMostPacked = 16;  // rows of x; H100, llamba-8b, 16 sequences: 1,001 tokens/s against 607 unpacked

/** On CUDA W is unpacked but for products of 4 bits and 16-bit activations that have few rows. There MLX's own of packed W
    was checked (0.23 % of the largest output from float32's, bfloat16); with 8 bits, float32 and 16 rows a model's output was
    wrong by half of the largest and another each time. From some 200 rows on it is slower; between, it is not compared. */
bool unpacks(const Linear& l, const mx::array& x) {
  int rows = rows_of(x);
  bool checked = l.bits == 4 && x.dtype() != mx::float32 && rows <= kMostPacked;
  return on_cuda() && l.scales && l.weight.ndim() == 2 && rows > 1 && !checked;
}

}  // namespace

mx::array Linear::operator()(const mx::array& x) const {
  if (fits_matvec(*this, x.dtype(), rows_of(x))) return matvec_cuda(*this, x);
  if (on_cuda() && x.ndim() > 2) {  // MLX takes [B, 1, K] for B products of one row: 20 times slower than one of B
    mx::Shape shape = x.shape();
    shape.back() = weight.shape(0);
    return mx::reshape((*this)(mx::reshape(x, {rows_of(x), x.shape(-1)})), shape);
  }
  mx::array y = !scales ? dense_matmul(x, weight)
                : unpacks(*this, x)
                    ? dense_matmul(x, mx::dequantize(weight, *scales, *offsets, group_size, bits))
                    : quantized_matmul(x, weight, *scales, *offsets, group_size, bits);
  return bias ? mx::add(y, *bias) : y;
}

mx::array Linear::wide(const mx::array& x) const {
  if (fits_matvec(*this, x.dtype(), rows_of(x))) return matvec_cuda(*this, x, {.dtype = mx::float32});
  return mx::astype((*this)(x), mx::float32);
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
           p.scales.has_value() == first.scales.has_value() && p.bias.has_value() == first.bias.has_value() &&
           (!on_cpu() || !p.scales || &p == &parts.back() || p.weight.shape(0) % cpu::kTileRows == 0);  // tiles stay whole
  });
  if (!alike || parts.size() == 1) return {std::move(parts)};
  auto join = [&](auto member) {
    std::vector<mx::array> rows;
    for (const auto& part : parts) rows.push_back(*member(part));
    mx::array whole = mx::concatenate(std::move(rows), 0);
    whole.eval();
    if (on_cpu()) cpu::use_large_pages(whole.data<char>(), whole.nbytes());
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
