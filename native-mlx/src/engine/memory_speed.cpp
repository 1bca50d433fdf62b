#include "engine/memory_speed.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>

#include "cpu/pool.h"
#include "engine/preflight.h"
#include "mlx/mlx.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kRuns = 5;

template <typename F>
double shortest_seconds(F run) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int r = 0; r < kRuns; ++r) {
    const auto began = Clock::now();
    run();
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    best = r == 0 ? seconds : std::min(best, seconds);
  }
  return best;
}

/** The C library's search for a byte that is not there: it looks at all of them, and does nothing else. */
double cpu_speed() {
  // More threads add nothing: the memory is busy long before.
  constexpr int kThreads = 16, kPieces = 8;  // pieces for each thread
  constexpr size_t kPiece = 16 << 20;
  const int pieces = kPieces * std::min(kThreads, cpu::pool_threads());
  require_memory(pieces * int64_t(kPiece), "Measuring the memory");
  const auto bytes = std::make_unique_for_overwrite<char[]>(pieces * kPiece);
  cpu::parallel(pieces, [&](int i) { std::memset(&bytes[i * kPiece], 1, kPiece); });
  std::atomic<int> found = 0;
  const double seconds = shortest_seconds([&] {
    cpu::parallel(pieces, [&](int i) { found += std::memchr(&bytes[i * kPiece], 2, kPiece) != nullptr; });
  });
  return found == 0 ? pieces * double(kPiece) / seconds : 0;
}

double gpu_speed() {
  constexpr int kAdditions = 10;  // in one evaluation, so that waiting for its end does not count
  const mx::array from = mx::zeros({1 << 27}, mx::float32), one = mx::array(1.0f);
  const auto run = [&] {
    mx::array sum = from;
    for (int i = 0; i < kAdditions; ++i) sum = mx::add(sum, one);
    sum.eval();
  };
  mx::eval(from, one);
  run();  // kernels are compiled, memory is had
  const double seconds = shortest_seconds(run);
  mx::clear_cache();
  return 2 * kAdditions * double(from.nbytes()) / seconds;
}

}  // namespace

double memory_speed() { return mx::default_device() == mx::Device::cpu ? cpu_speed() : gpu_speed(); }

}  // namespace llamba
