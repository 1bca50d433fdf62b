#include "support.h"
#include "cpu/quantized_matmul.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <doctest/doctest.h>
#include <string>
#include <thread>
#include <vector>

#include "cpu/kernels.h"
#include "cpu/pool.h"
#include "cpu/tiles.h"

namespace mx = mlx::core;
using llamba::cpu::all_kernels;
using llamba::cpu::choose_kernels;

namespace {

// Largest |a - b| over the largest |b| or `least`, in float64.
double distance(const mx::array& a, const mx::array& b, double least = 1e-30) {
  auto difference = mx::max(mx::abs(mx::subtract(mx::astype(a, mx::float64), mx::astype(b, mx::float64))));
  return difference.item<double>() / std::max(mx::max(mx::abs(mx::astype(b, mx::float64))).item<double>(), least);
}

mx::array exact_matmul(const mx::array& x, const mx::array& w) {
  return mx::matmul(mx::astype(x, mx::float64), mx::transpose(mx::astype(w, mx::float64)));
}

struct Quantized {
  mx::array weight, scales, biases;
};

Quantized random_quantized(int N, int K, int group, int bits, mx::Dtype type, uint64_t seed) {
  auto parts = mx::quantize(mx::random::normal({N, K}, mx::float32, mx::random::key(seed)), group, bits);
  return {parts[0], mx::astype(parts[1], type), mx::astype(parts[2], type)};
}

mx::array tiled(const mx::array& a) {
  mx::array out = mx::maximum(a, a);  // in memory of its own
  out.eval();
  llamba::cpu::into_tiles(out.data<char>(), out.shape(0), out.shape(1), int(out.itemsize()));
  return out;
}

mx::array product(const mx::array& x, const Quantized& q, int group, int bits) {
  return llamba::quantized_matmul(x, tiled(q.weight), tiled(q.scales), tiled(q.biases), group, bits);
}

// MLX's own dequantize, then a float64 product.
mx::array reference(const mx::array& x, const Quantized& q, int group, int bits) {
  auto w = mx::dequantize(q.weight, mx::astype(q.scales, mx::float32), mx::astype(q.biases, mx::float32), group, bits);
  return exact_matmul(x, w);
}

void for_all_kernels(const std::function<void()>& check) {
  for (auto set = all_kernels(); *set; set++) {
    CAPTURE(std::string((*set)->name));
    REQUIRE(choose_kernels((*set)->name));
    check();
  }
  choose_kernels(all_kernels()[0]->name);
}

}  // namespace

TEST_CASE("a quantized product equals dequantize and matmul for odd shapes, groups, widths and types") {
  const llamba::test::On here(mlx::core::Device::cpu);
  struct Case {
    int N, K, group, bits;
    mx::Dtype type;
  };
  const std::vector<Case> cases = {
      {1, 32, 32, 4, mx::float32},     {7, 96, 32, 4, mx::bfloat16},   {49, 64, 64, 4, mx::float16},
      {131, 576, 64, 4, mx::bfloat16}, {50, 160, 32, 8, mx::float16},  {33, 192, 64, 8, mx::bfloat16},
      {97, 384, 128, 4, mx::float16},  {15, 128, 128, 8, mx::float32}, {64, 1152, 128, 4, mx::bfloat16},
      {10, 2208, 32, 4, mx::float16},  {3, 18432, 32, 4, mx::float32}};
  for (const auto& c : cases) {
    auto q = random_quantized(c.N, c.K, c.group, c.bits, c.type, 7);
    for (int M : {1, 2, 3, 8, 15, 16, 19, 20, 33, 64, 300}) {
      auto x = mx::random::normal({M, c.K}, mx::float32, mx::random::key(M));
      auto expected = reference(x, q, c.group, c.bits);
      CAPTURE(c.N);
      CAPTURE(c.K);
      CAPTURE(c.group);
      CAPTURE(c.bits);
      CAPTURE(M);
      for_all_kernels([&] {
        auto y = product(x, q, c.group, c.bits);
        CHECK(y.shape() == mx::Shape{M, c.N});
        CHECK(distance(y, expected, std::sqrt(c.K)) < 2e-6);  // an only output may be near zero: its usual size counts
      });
    }
  }
}

TEST_CASE("a row of x that is zero gives zeros, one that is not finite gives nothing finite, and its neighbours stay") {
  const llamba::test::On here(mlx::core::Device::cpu);
  for (int bits : {4, 8}) {
    auto q = random_quantized(13, 96, 32, bits, mx::bfloat16, 9);
    for (float odd : {0.0f, 1e-38f, INFINITY, NAN}) {
      for (int at : {0, 70}) {  // in a whole vector, and in the last, which is not full
        std::vector<float> values(5 * 96, 0.5f);
        for (int k = 0; k < 96; k++) values[2 * 96 + k] = 0;
        values[2 * 96 + at] = odd;
        auto x = mx::array(values.data(), {5, 96});
        CAPTURE(bits);
        CAPTURE(odd);
        CAPTURE(at);
        for_all_kernels([&] {
          auto y = product(x, q, 32, bits);
          y.eval();
          const float* row = y.data<float>() + 2 * 13;
          for (int n = 0; n < 13; n++) {
            CHECK(std::isfinite(row[n]) == std::isfinite(odd));
            if (std::isfinite(odd)) CHECK(std::abs(row[n]) < 1e-30f);
          }
          auto rest = mx::take(y, mx::array({0, 1, 3, 4}), 0), whole = mx::full({4, 96}, 0.5f);
          CHECK(distance(rest, reference(whole, q, 32, bits)) < 2e-6);
        });
      }
    }
  }
}

TEST_CASE("elements of any size in one row: an outlier of 10,000 costs the others no more than float32 does") {
  const llamba::test::On here(mlx::core::Device::cpu);
  auto q = random_quantized(64, 576, 32, 4, mx::bfloat16, 5);
  auto x = mx::random::normal({1, 576}, mx::float32, mx::random::key(4));
  x = mx::where(mx::equal(mx::arange(576), mx::array(77)), mx::array(1e4f), x);
  for_all_kernels([&] {
    CHECK(distance(product(x, q, 32, 4), reference(x, q, 32, 4)) < 2e-6);
  });
}

TEST_CASE("a plain product equals matmul for float32, float16 and bfloat16 weights") {
  const llamba::test::On here(mlx::core::Device::cpu);
  for (auto type : {mx::float32, mx::float16, mx::bfloat16}) {
    for (int K : {1, 17, 131, 1100}) {
      auto w = mx::astype(mx::random::normal({61, K}, mx::float32, mx::random::key(3)), type);
      for (int M : {1, 4, 30}) {
        auto x = mx::random::normal({M, K}, mx::float32, mx::random::key(M));
        auto expected = exact_matmul(x, w);
        CAPTURE(K);
        CAPTURE(M);
        for_all_kernels([&] { CHECK(distance(llamba::dense_matmul(x, w), expected) < 2e-6); });
      }
    }
  }
}

TEST_CASE("every float16 and bfloat16 number widens exactly, subnormals, infinities and NaN among them") {
  const llamba::test::On here(mlx::core::Device::cpu);
  std::vector<uint16_t> bits(65536);
  for (int i = 0; i < 65536; i++) bits[i] = static_cast<uint16_t>(i);
  auto raw = mx::array(bits.data(), {65536, 1}, mx::uint16);
  for (auto type : {mx::float16, mx::bfloat16}) {
    auto w = mx::view(raw, type);
    auto expected = mx::reshape(mx::astype(w, mx::float32), {1, 65536});
    for_all_kernels([&] {
      auto y = llamba::dense_matmul(mx::ones({1, 1}), w);
      CHECK(mx::array_equal(y, expected, true).item<bool>());
    });
  }
}

TEST_CASE("x and weights that are views are read by their strides, other shapes and types are kept") {
  const llamba::test::On here(mlx::core::Device::cpu);
  auto q = random_quantized(40, 64, 32, 4, mx::float32, 1);
  auto wide = mx::random::normal({6, 3, 128}, mx::float32, mx::random::key(2));
  auto x = mx::transpose(mx::slice(wide, {0, 0, 1}, {6, 3, 128}, {1, 1, 2}), {1, 0, 2});
  auto y = product(x, q, 32, 4);
  CHECK(y.shape() == mx::Shape{3, 6, 40});
  CHECK(distance(y, reference(mx::contiguous(x), q, 32, 4)) < 2e-6);
  auto w = mx::random::normal({64, 20}, mx::float32, mx::random::key(5));
  CHECK(distance(llamba::dense_matmul(x, mx::transpose(w)), exact_matmul(mx::contiguous(x), mx::transpose(w))) < 2e-6);
  auto half = mx::astype(x, mx::bfloat16);
  CHECK(product(half, q, 32, 4).dtype() == mx::float32);
  CHECK(distance(product(half, q, 32, 4),
                 reference(mx::astype(half, mx::float32), q, 32, 4)) < 2e-6);
}

TEST_CASE("shapes and types that do not fit are refused when the graph is built") {
  const llamba::test::On here(mlx::core::Device::cpu);
  auto q = random_quantized(8, 64, 32, 4, mx::float32, 1);
  auto x = mx::ones({1, 64});
  CHECK_THROWS_AS(llamba::quantized_matmul(mx::ones({1, 32}), q.weight, q.scales, q.biases, 32, 4),
                  std::invalid_argument);
  CHECK_THROWS_AS(llamba::quantized_matmul(x, q.weight, q.scales, q.biases, 64, 4), std::invalid_argument);
  CHECK_THROWS_AS(llamba::quantized_matmul(x, q.weight, q.scales, q.biases, 32, 3), std::invalid_argument);
  CHECK_THROWS_AS(llamba::quantized_matmul(x, q.weight, q.scales, mx::astype(q.biases, mx::float16), 32, 4),
                  std::invalid_argument);
  CHECK_THROWS_AS(llamba::dense_matmul(x, mx::ones({8, 63})), std::invalid_argument);
  CHECK_THROWS_AS(llamba::dense_matmul(x, mx::ones({8, 64}, mx::int32)), std::invalid_argument);
}

TEST_CASE("the pool runs every part once, for any number of threads and parts, nested and from many threads") {
  for (int threads : {1, 2, 5, 0}) {
    llamba::cpu::set_pool_threads(threads);
    auto burst = [](int rounds) {
      for (int round = 0; round < rounds; round++) {
        const int count = 1 + round % 37;
        std::vector<std::atomic<int>> hits(count);
        llamba::cpu::parallel(count, [&](int i) {
          hits[i]++;
          if (round % 16 == 0) llamba::cpu::parallel(3, [&](int) { hits[i] += 10; });
        });
        for (auto& h : hits) REQUIRE(h.load() == (round % 16 == 0 ? 31 : 1));
      }
    };
    burst(3000);
    std::vector<std::thread> callers;
    for (int t = 0; t < 3; t++) callers.emplace_back(burst, 2000);
    for (auto& caller : callers) caller.join();
  }
}
