#include "cpu/quantized_matmul.h"

#include <stdexcept>

#include "cpu/arrays.h"
#include "cpu/pool.h"
#include "cpu/product.h"
#include "mlx/primitives.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

using cpu::Matrix;

// Inputs: x, weight, then scales and biases if the matrix is quantized.
class Product : public mx::UnaryPrimitive {
 public:
  Product(mx::Stream stream, int group, int bits) : UnaryPrimitive(stream), group_(group), bits_(bits) {}
  const char* name() const override { return "LlambaProduct"; }
  bool is_equivalent(const Primitive& other) const override {
    auto& o = static_cast<const Product&>(other);
    return o.group_ == group_ && o.bits_ == bits_;
  }
  void eval_gpu(const std::vector<mx::array>&, mx::array&) override {
    throw std::runtime_error("[LlambaProduct] runs on the CPU only");
  }
  void eval_cpu(const std::vector<mx::array>& inputs, mx::array& out) override {
    auto in = cpu::dense(inputs, stream());
    out.set_data(mx::allocator::malloc(out.nbytes()));
    const int M = static_cast<int>(in[0].size() / in[0].shape(-1));
    mx::cpu::get_command_encoder(stream()).dispatch(
        [W = cpu::matrix(in, 1, in[0].shape(-1), group_, bits_), x = in[0].data<float>(), y = out.data<float>(), M] {
          cpu::multiply(W, x, M, y);
        });
  }

 private:
  int group_, bits_;
};

bool on_gpu() { return mx::default_device() == mx::Device::gpu; }

mx::array product(const mx::array& x, std::vector<mx::array> matrix, int group, int bits) {
  auto shape = x.shape();
  shape.back() = matrix[0].shape(0);
  std::vector<mx::array> inputs = {mx::astype(x, mx::float32)};
  inputs.insert(inputs.end(), matrix.begin(), matrix.end());
  return mx::array(shape, mx::float32,
                   std::make_shared<Product>(mx::default_stream(mx::default_device()), group, bits), inputs);
}

}  // namespace

mx::array quantized_matmul(const mx::array& x, const mx::array& weight, const mx::array& scales,
                           const mx::array& biases, int group_size, int bits) {
  if (on_gpu()) return mx::quantized_matmul(x, weight, scales, biases, true, group_size, bits);
  return product(x, cpu::checked(x, weight, scales, biases, group_size, bits), group_size, bits);
}

mx::array dense_matmul(const mx::array& x, const mx::array& weight) {
  if (on_gpu()) return mx::matmul(x, mx::transpose(weight));
  return product(x, cpu::checked(x, weight), 0, 0);
}

std::string cpu_kernel_name() { return cpu::kernels().name; }

void set_cpu_threads(int threads) { cpu::set_pool_threads(threads); }

}  // namespace llamba
