#include "engine/quantize.h"

#include <cstring>

#include "engine/error.h"
#include "mlx/mlx.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

mx::Dtype dtype_of(const QuantizeRequest& request) {
  if (request.dtype == "F32") return mx::float32;
  if (request.dtype == "F16") return mx::float16;
  if (request.dtype == "BF16") return mx::bfloat16;
  throw Error("bad-request", "There is no matrix of type \"" + request.dtype.substr(0, 40) + "\".",
              "Give F32, F16 or BF16.");
}

void check(const QuantizeRequest& r, mx::Dtype dtype) {
  bool known = (r.bits == 4 || r.bits == 8) && (r.group_size == 32 || r.group_size == 64 || r.group_size == 128);
  bool whole = known && r.rows > 0 && r.columns > 0 && r.columns % r.group_size == 0;
  if (!whole || int64_t(r.data.size()) != int64_t(r.rows) * r.columns * int64_t(mx::size_of(dtype)))
    throw Error("bad-request",
                std::to_string(r.data.size()) + " bytes are no " + std::to_string(r.rows) + " x " +
                    std::to_string(r.columns) + " " + r.dtype + " matrix for " + std::to_string(r.bits) +
                    " bits in groups of " + std::to_string(r.group_size) + ".",
                "Give whole rows, 4 or 8 bits, and groups of 32, 64 or 128 that divide a row.");
}

std::vector<uint8_t> bytes(const mx::array& a) {
  mx::array flat = mx::contiguous(a);
  flat.eval();
  const auto* data = flat.data<uint8_t>();
  return {data, data + flat.nbytes()};
}

/** codes [..., fields] of `bits` each to words [...], little end first. */
mx::array pack(const mx::array& codes, int bits) {
  int fields = 32 / bits;
  mx::array shifts = mx::multiply(mx::arange(fields, mx::uint32), mx::array(uint32_t(bits)));
  return mx::sum(mx::left_shift(codes, shifts), -1);
}

}  // namespace

Quantized quantize(const QuantizeRequest& r) {
  mx::Dtype dtype = dtype_of(r);
  check(r, dtype);
  mx::array stored = mx::zeros({r.rows, r.columns}, dtype);
  stored.eval();
  std::memcpy(stored.data<char>(), r.data.data(), r.data.size());
  mx::array w = mx::astype(stored, mx::float32);

  // F16 weights keep their ten bits of scale; F32's range needs BF16.
  mx::Dtype half = dtype == mx::float16 ? mx::float16 : mx::bfloat16;
  std::vector<mx::array> parts = mx::quantize(w, r.group_size, r.bits);
  mx::array scales = mx::astype(parts[1], half), offsets = mx::astype(parts[2], half);
  if (!mx::all(mx::isfinite(w)).item<bool>())  // MLX's minimum and maximum pass over a NaN
    throw Error("model-invalid", "A weight is not a finite number.", "The file is damaged. Download it again.");

  int groups = r.columns / r.group_size;
  auto wide = [&](const mx::array& a) { return mx::reshape(mx::astype(a, mx::float32), {r.rows, groups, 1}); };
  mx::array steps = mx::divide(mx::subtract(mx::reshape(w, {r.rows, groups, r.group_size}), wide(offsets)), wide(scales));
  mx::array codes = mx::clip(mx::round(steps), mx::array(0.0f), mx::array(float((1 << r.bits) - 1)));
  int fields = 32 / r.bits;
  mx::array words = pack(mx::reshape(mx::astype(codes, mx::uint32), {r.rows, r.columns / fields, fields}), r.bits);
  return {bytes(words), bytes(scales), bytes(offsets), half == mx::float16 ? "F16" : "BF16"};
}

}  // namespace llamba
