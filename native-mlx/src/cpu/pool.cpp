#include "cpu/pool.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "cpu/cores.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace llamba::cpu {
namespace {

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// About 30 us: longer than the gap between two products of one token, short enough to leave an idle core alone.
constexpr int kSpins = 1500;

class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 1; i < threads; i++) workers_.emplace_back([this] { work(); });
  }

  ~Pool() {
    ticket_.store(kStop, std::memory_order_release);
    ticket_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(int count, const std::function<void(int)>& f) {
    f_ = &f;
    pending_.store(count, std::memory_order_relaxed);
    epoch_ = (epoch_ + 1) & 0x7fffffff;
    ticket_.store(uint64_t{epoch_} << 32 | static_cast<uint32_t>(count), std::memory_order_release);
    ticket_.notify_all();
    while (claim()) {
    }
    for (int spins = 0, left; (left = pending_.load(std::memory_order_acquire)) != 0; spins++) {
      if (spins < kSpins) {
        relax();
      } else {
        pending_.wait(left, std::memory_order_acquire);  // whoever has the last part lost its core
      }
    }
  }

 private:
  static constexpr uint64_t kStop = ~uint64_t{0};

  // The ticket holds the job's number above and the parts left below. Whoever takes one away owns that part, and the
  // job cannot end before the part is done, so f_ is valid from then on.
  bool claim() {
    uint64_t ticket = ticket_.load(std::memory_order_acquire);
    while (ticket != kStop && static_cast<uint32_t>(ticket) != 0) {
      if (!ticket_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel)) continue;
      (*f_)(static_cast<int>(static_cast<uint32_t>(ticket) - 1));
      if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) pending_.notify_one();
      return true;
    }
    return false;
  }

  void work() {
    for (;;) {
      while (claim()) {
      }
      uint64_t seen = ticket_.load(std::memory_order_acquire);
      if (seen == kStop) return;
      for (int spins = 0; spins < kSpins && ticket_.load(std::memory_order_relaxed) == seen; spins++) relax();
      if (static_cast<uint32_t>(seen) == 0) ticket_.wait(seen, std::memory_order_acquire);
    }
  }

  std::vector<std::thread> workers_;
  const std::function<void(int)>* f_ = nullptr;
  uint64_t epoch_ = 0;
  alignas(64) std::atomic<uint64_t> ticket_{0};
  alignas(64) std::atomic<int> pending_{0};
};

std::mutex pool_lock;
std::unique_ptr<Pool> pool;
std::atomic<int> wanted{0};
thread_local bool inside = false;

int resolved() {
  int threads = wanted.load();
  return threads > 0 ? threads : physical_cores();
}

}  // namespace

void parallel(int count, const std::function<void(int)>& f) {
  if (count > 1 && !inside) {
    std::unique_lock lock(pool_lock, std::try_to_lock);
    if (lock.owns_lock()) {
      if (!pool) pool = std::make_unique<Pool>(resolved());
      inside = true;
      pool->run(count, f);
      inside = false;
      return;
    }
  }
  for (int i = 0; i < count; i++) f(i);
}

int pool_threads() { return resolved(); }

void set_pool_threads(int threads) {
  std::lock_guard lock(pool_lock);
  wanted.store(threads);
  pool.reset();
}

}  // namespace llamba::cpu
