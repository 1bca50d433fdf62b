// CUDA's product of few rows, with what may be folded into it, against the same in float32 on the CPU.
#include <doctest/doctest.h>

#include "kernels/gpu_kernel.h"
#include "kernels/matvec_cuda.h"
#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

mx::array normal(mx::Shape shape, uint64_t seed) { return mx::random::normal(shape, mx::float32, mx::random::key(seed)); }
mx::array wide(const mx::array& a) { return mx::astype(a, mx::float32); }

}  // namespace

TEST_CASE("on CUDA a product of few rows, with norm, SwiGLU and residual sum folded in, equals the plain one") {
  if (!on_cuda()) {
    MESSAGE("no CUDA here: its product of few rows was not run");
    return;
  }
  struct Case {
    int out, in, group, bits;
    mx::Dtype type;
  };
  for (Case c : {Case{2048, 2048, 64, 4, mx::bfloat16}, {2314, 576, 32, 4, mx::bfloat16}, {64, 14336, 64, 4, mx::bfloat16},
                 {48, 576, 32, 8, mx::bfloat16}, {576, 1536, 128, 4, mx::float16}})
      for (int rows : {1, 3, 8}) {
        const auto type = c.type;
        CAPTURE(c.out);
        CAPTURE(c.in);
        CAPTURE(c.bits);
        CAPTURE(rows);
        auto parts = mx::quantize(mx::multiply(normal({c.out, c.in}, 1), mx::array(0.05f)), c.group, c.bits);
        Linear l{parts[0], mx::astype(parts[1], type), mx::astype(parts[2], type), {}, c.group, c.bits};
        mx::array x = mx::astype(normal({rows, 1, c.in}, 2), type), norm = mx::astype(normal({c.in}, 3), type);
        mx::array residual = mx::astype(normal({rows, 1, c.out}, 4), type);
        mx::eval(l.weight, *l.scales, *l.offsets, x, norm, residual);
        REQUIRE(fits_matvec(l, type, rows));
        mx::array W = mx::dequantize(l.weight, wide(*l.scales), wide(*l.offsets), c.group, c.bits);
        auto product = [&](const mx::array& of) { return mx::matmul(of, mx::transpose(W)); };
        mx::array plain = product(wide(x));
        CHECK(relative(matvec_cuda(l, x, {.dtype = mx::float32}), plain) < 1e-4);
        float rounded = type == mx::bfloat16 ? 8e-3f : 1e-3f;
        CHECK(relative(wide(matvec_cuda(l, x, {.residual = &residual})), mx::add(plain, wide(residual))) < rounded);
        mx::array normed = product(mx::fast::rms_norm(wide(x), wide(norm), 1e-5f));
        CHECK(relative(matvec_cuda(l, x, {.norm = &norm, .eps = 1e-5f, .dtype = mx::float32}), normed) < rounded);
        if (c.out % 16) continue;
        auto halves = mx::split(normed, 2, -1);
        mx::array gated = mx::multiply(mx::multiply(halves[0], mx::sigmoid(halves[0])), halves[1]);
        CHECK(relative(wide(matvec_cuda(l, x, {.norm = &norm, .eps = 1e-5f, .swiglu = true})), gated) < 2 * rounded);
      }
}
