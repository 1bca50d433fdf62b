#include "support.h"
#include "cpu/gemm.h"

#include <cmath>
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include "cpu/blas.h"
#include "cpu/kernels.h"
#include "mlx/mlx.h"

namespace mx = mlx::core;
using llamba::cpu::Strided;

namespace {

std::vector<float> random_values(size_t n, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(n);
  for (auto& v : out) v = normal(engine);
  return out;
}

}  // namespace

TEST_CASE("gemm equals a triple loop in float64 for odd sizes, both layouts of A and B, alpha and beta") {
  const int sizes[][3] = {{1, 1, 1},   {1, 64, 33},  {1, 33, 64},   {3, 70, 17},    {5, 49, 8},
                          {8, 48, 64}, {13, 97, 70}, {128, 64, 65}, {64, 200, 600}, {33, 5, 1100}};
  for (const auto& [M, N, K] : sizes) {
    for (int layout = 0; layout < 4; layout++) {
      const auto a = random_values(size_t(M) * K, 1), b = random_values(size_t(K) * N, 2);
      const Strided A = layout & 1 ? Strided{a.data(), 1, M} : Strided{a.data(), K, 1};
      const Strided B = layout & 2 ? Strided{b.data(), 1, K} : Strided{b.data(), N, 1};
      for (auto [alpha, beta] : {std::pair{1.0f, 0.0f}, {0.5f, 1.0f}, {1.0f, -2.0f}}) {
        const int ld = N + 3;  // what lies between the rows must stay
        const auto before = random_values(size_t(M) * ld, 3);
        for (auto set = llamba::cpu::all_kernels(); *set; set++) {
          CAPTURE(std::string((*set)->name));
          CAPTURE(M);
          CAPTURE(N);
          CAPTURE(K);
          CAPTURE(layout);
          REQUIRE(llamba::cpu::choose_kernels((*set)->name));
          auto c = before;
          if (beta == 0)
            for (int i = 0; i < M; i++)
              for (int j = 0; j < N; j++) c[i * ld + j] = NAN;  // beta 0: C is not read
          llamba::cpu::gemm(M, N, K, alpha, A, B, beta, c.data(), ld);
          double worst = 0;
          for (int i = 0; i < M; i++) {
            for (int j = 0; j < ld; j++) {
              double exact = before[i * ld + j];
              if (j < N) {
                exact *= beta;
                for (int k = 0; k < K; k++)
                  exact += double(alpha) * A.data[i * A.row + k * A.column] * B.data[k * B.row + j * B.column];
              }
              const double difference = std::abs(c[i * ld + j] - exact);
              worst = difference > worst || std::isnan(difference) ? difference : worst;
            }
          }
          CHECK(worst < 1e-6 * std::sqrt(double(K)) * 8);
        }
      }
    }
  }
  llamba::cpu::choose_kernels(llamba::cpu::all_kernels()[0]->name);
}

#if defined(__linux__)
TEST_CASE("MLX's own matmul and attention call our cblas_sgemm") {
  const llamba::test::On here(mlx::core::Device::cpu);
  auto a = mx::random::normal({3, 40, 64}), b = mx::random::normal({3, 64, 50});
  mx::eval(a, b);
  const long before = llamba::cpu::blas_calls();
  auto c = mx::matmul(a, b);
  c.eval();
  CHECK(llamba::cpu::blas_calls() > before);
  auto exact = mx::matmul(mx::astype(a, mx::float64), mx::astype(b, mx::float64));
  CHECK(mx::max(mx::abs(mx::subtract(mx::astype(c, mx::float64), exact))).item<double>() < 1e-4);

  const long between = llamba::cpu::blas_calls();
  auto q = mx::random::normal({1, 9, 20, 64}), k = mx::random::normal({1, 3, 31, 64});
  mx::fast::scaled_dot_product_attention(q, k, k, 0.125f, "causal").eval();
  CHECK(llamba::cpu::blas_calls() > between);
}
#endif
