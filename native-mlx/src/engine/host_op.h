#pragma once

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/mlx.h"
#include "mlx/primitives.h"

namespace llamba {

/** One primitive of the CPU backend around a plain function. Each primitive costs MLX about 3 us, so the small steps
    between matrices are folded into few of them. `Body` has
      static constexpr const char* kName;
      auto bind(const std::vector<array>& in, std::vector<array>& out) const;
    where bind takes raw pointers and returns the work, run later on MLX's CPU thread. Inputs are row-contiguous. */
template <typename Body>
class HostOp : public mlx::core::Primitive {
 public:
  HostOp(mlx::core::Stream stream, Body body) : Primitive(stream), body_(std::move(body)) {}
  const char* name() const override { return Body::kName; }

  void eval_cpu(const std::vector<mlx::core::array>& in, std::vector<mlx::core::array>& out) override {
    for (const auto& a : in)
      if (!a.flags().row_contiguous) throw std::logic_error(std::string(Body::kName) + ": input is not row-contiguous");
    for (auto& a : out) a.set_data(mlx::core::allocator::malloc(a.nbytes()));
    mlx::core::cpu::get_command_encoder(stream()).dispatch(body_.bind(in, out));
  }
  void eval_gpu(const std::vector<mlx::core::array>&, std::vector<mlx::core::array>&) override {
    throw std::logic_error(std::string(Body::kName) + " runs on the CPU only");
  }

 private:
  Body body_;
};

template <typename Body>
std::vector<mlx::core::array> host_op(Body body, std::vector<mlx::core::Shape> shapes,
                                      std::vector<mlx::core::array> inputs) {
  std::vector<mlx::core::Dtype> dtypes(shapes.size(), mlx::core::float32);
  auto op = std::make_shared<HostOp<Body>>(mlx::core::default_stream(mlx::core::Device::cpu), std::move(body));
  return mlx::core::array::make_arrays(std::move(shapes), dtypes, std::move(op), std::move(inputs));
}

/** Whether new operations of this thread run on the CPU backend. */
inline bool on_cpu() { return mlx::core::default_device() == mlx::core::Device::cpu; }

}  // namespace llamba
