#include "support.h"
#include "cpu/attention.h"

#include <cmath>
#include <doctest/doctest.h>
#include <string>

#include "cpu/kernels.h"

namespace mx = mlx::core;

namespace {

// The definition, in float64.
mx::array exact_attention(const mx::array& q, const mx::array& k, const mx::array& v, float scale, bool causal) {
  const int L = q.shape(2), T = k.shape(2), repeats = q.shape(1) / k.shape(1);
  auto wide = [&](const mx::array& a, int times) { return mx::repeat(mx::astype(a, mx::float64), times, 1); };
  auto scores = mx::multiply(mx::matmul(wide(q, 1), mx::swapaxes(wide(k, repeats), -1, -2)), mx::array(scale, mx::float64));
  if (causal) {
    auto last = mx::add(mx::expand_dims(mx::arange(L), 1), mx::array(T - L));
    auto seen = mx::less_equal(mx::expand_dims(mx::arange(T), 0), last);
    scores = mx::where(seen, scores, mx::array(-INFINITY, mx::float64));
  }
  auto e = mx::exp(mx::subtract(scores, mx::max(scores, -1, true)));
  return mx::matmul(mx::divide(e, mx::sum(e, -1, true)), wide(v, repeats));
}

double difference(const mx::array& a, const mx::array& b) {
  return mx::max(mx::abs(mx::subtract(mx::astype(a, mx::float64), b))).item<double>();
}

}  // namespace

TEST_CASE("attention equals its definition in float64: causal or not, grouped heads, one query or many, sliced caches") {
  const llamba::test::On here(mlx::core::Device::cpu);
  struct Case {
    int B, H, G, L, T, D;
  };
  for (const auto& c : {Case{1, 9, 3, 1, 1, 64}, {1, 9, 3, 1, 257, 64}, {2, 4, 4, 5, 5, 16}, {1, 6, 2, 130, 130, 64},
                        {1, 2, 1, 33, 700, 32}, {2, 3, 3, 7, 20, 10}}) {
    auto q = mx::random::normal({c.B, c.L, c.H, c.D}, mx::float32, mx::random::key(1));
    auto turned = mx::transpose(q, {0, 2, 1, 3});
    auto cache = mx::random::normal({2, c.B, c.G, c.T + 9, c.D}, mx::float32, mx::random::key(2));
    auto part = [&](int i) {
      return mx::squeeze(mx::slice(cache, {i, 0, 0, 0, 0}, {i + 1, c.B, c.G, c.T, c.D}), 0);
    };
    auto k = part(0), v = part(1);
    for (bool causal : {true, false}) {
      for (auto set = llamba::cpu::all_kernels(); *set; set++) {
        CAPTURE(std::string((*set)->name));
        CAPTURE(c.L);
        CAPTURE(c.T);
        CAPTURE(causal);
        REQUIRE(llamba::cpu::choose_kernels((*set)->name));
        auto y = llamba::cpu_attention(turned, k, v, 0.3f, causal);
        CHECK(y.shape() == turned.shape());
        CHECK(difference(y, exact_attention(turned, k, v, 0.3f, causal)) < 5e-6);
      }
    }
  }
  llamba::cpu::choose_kernels(llamba::cpu::all_kernels()[0]->name);
  auto q = mx::ones({1, 2, 4, 8}), k = mx::ones({1, 2, 3, 8});
  CHECK_THROWS_AS(llamba::cpu_attention(q, k, k, 1, true), std::invalid_argument);
  CHECK_THROWS_AS(llamba::cpu_attention(q, mx::ones({1, 2, 3, 4}), k, 1, false), std::invalid_argument);
}
