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
  explicit Pool(int threads) : shares_(threads) {
    for (int i = 1; i < threads; i++) workers_.emplace_back([this, i] { work(i); });
  }

  ~Pool() {
    stop_ = true;
    epoch_.fetch_add(1, std::memory_order_release);
    epoch_.notify_all();
    for (auto& worker : workers_) worker.join();
  }

  void run(int count, const std::function<void(int)>& f) {
    f_ = &f;
    pending_.store(count, std::memory_order_relaxed);
    const uint64_t threads = shares_.size();
    for (uint64_t i = 0; i < threads; i++)
      shares_[i].left.store(count * i / threads << 32 | count * (i + 1) / threads, std::memory_order_release);
    epoch_.fetch_add(1, std::memory_order_release);
    epoch_.notify_all();
    help(0);
    for (int spins = 0, left; (left = pending_.load(std::memory_order_acquire)) != 0; spins++) {
      if (spins < kSpins) {
        relax();
      } else {
        pending_.wait(left, std::memory_order_acquire);  // whoever has the last part lost its core
      }
    }
  }

 private:
  // Each thread has a share of the parts, neighbours in memory, on a cache line that nobody else writes to until he has
  // done his own: claiming all parts from one counter took a microsecond each.
  struct alignas(64) Share {
    std::atomic<uint64_t> left{0};  // the parts nobody has taken: first << 32 | end
  };

  // Whoever takes a part owns it, and the job cannot end before it is done, so f_ is valid from then on. Owners take the
  // first one, others the last.
  static bool take(Share& share, bool own, int& part) {
    uint64_t left = share.left.load(std::memory_order_acquire);
    for (;;) {
      const uint32_t first = static_cast<uint32_t>(left >> 32), end = static_cast<uint32_t>(left);
      if (first == end) return false;
      const uint64_t next = own ? left + (uint64_t{1} << 32) : left - 1;
      if (!share.left.compare_exchange_weak(left, next, std::memory_order_acq_rel)) continue;
      part = static_cast<int>(own ? first : end - 1);
      return true;
    }
  }

  void help(size_t self) {
    for (size_t i = 0; i < shares_.size(); i++) {
      Share& share = shares_[(self + i) % shares_.size()];
      int done = 0;
      for (int part; take(share, i == 0, part); done++) (*f_)(part);
      if (done > 0 && pending_.fetch_sub(done, std::memory_order_acq_rel) == done) pending_.notify_one();
    }
  }

  void work(size_t self) {
    for (uint32_t seen = 0;;) {
      for (int spins = 0; spins < kSpins && epoch_.load(std::memory_order_relaxed) == seen; spins++) relax();
      epoch_.wait(seen, std::memory_order_acquire);
      seen = epoch_.load(std::memory_order_acquire);
      if (stop_) return;
      help(self);
    }
  }

  std::vector<Share> shares_;
  std::vector<std::thread> workers_;
  const std::function<void(int)>* f_ = nullptr;
  bool stop_ = false;
  alignas(64) std::atomic<uint32_t> epoch_{0};  // of jobs
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
