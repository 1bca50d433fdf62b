#include "support.h"
#include "platform/platform.h"

#include <atomic>
#include <chrono>
#include <cstring>
#include <doctest/doctest.h>
#include <vector>

#include "cpu/kernels.h"
#include "mlx/mlx.h"

TEST_CASE("the device says what it is") {
  const auto device = llamba::device();
  CHECK(!device.name.empty());
  CHECK(device.mlx_version == mlx::core::version());
  CHECK(device.memory_bytes > 256 << 20);
  CHECK(device.working_set_bytes > 0);
  CHECK((device.backend == "metal" || device.backend == "cuda" || device.backend == "cpu"));
  if (device.backend == "cpu") CHECK(device.architecture == llamba::cpu::kernels().name);
}

TEST_CASE("the footprint follows memory that is touched and given back") {
  constexpr size_t kBytes = 96 << 20;
  const auto before = llamba::memory().footprint_bytes;
  {
    std::vector<char> block(kBytes);
    std::memset(block.data(), 1, block.size());
    CHECK(llamba::memory().footprint_bytes - before > int64_t(kBytes) * 9 / 10);
  }
  CHECK(llamba::memory().footprint_bytes - before < int64_t(kBytes) / 2);
}

TEST_CASE("MLX's counters see an array come and go, and the peak stays until reset") {
  const llamba::test::On here(mlx::core::Device::cpu);
  const auto before = llamba::memory();
  {
    auto block = mlx::core::zeros({4 << 20});
    block.eval();
    mlx::core::add(block, mlx::core::array(1.0f)).eval();
    CHECK(llamba::memory().active_bytes - before.active_bytes >= 16 << 20);
  }
  CHECK(llamba::memory().active_bytes - before.active_bytes < 16 << 20);
  CHECK(llamba::memory().peak_bytes - before.active_bytes >= 32 << 20);
  llamba::reset_peak_memory();
  CHECK(llamba::memory().peak_bytes - before.active_bytes < 32 << 20);
}

TEST_CASE("a pressure watch stops at once, and more than once") {
  for (int i = 0; i < 20; i++) {
    std::atomic<int> calls{0};
    auto stop = llamba::watch_pressure([&](llamba::Pressure) { calls++; });
    const auto start = std::chrono::steady_clock::now();
    stop();
    const int after = calls;
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    stop();
    CHECK(calls == after);
  }
}

TEST_CASE("with_pool runs the work in place and lets its exception through") {
  int runs = 0;
  llamba::with_pool([&] { runs++; });
  CHECK(runs == 1);
  CHECK_THROWS_AS(llamba::with_pool([] { throw std::runtime_error("through"); }), std::runtime_error);
}
