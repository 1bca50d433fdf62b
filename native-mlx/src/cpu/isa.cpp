#include "cpu/isa.h"

#include <array>
#include <atomic>
#include <cstring>

namespace llamba::cpu {
namespace {

std::array<const Kernels*, 4> usable() {
  std::array<const Kernels*, 4> list = {};
  int n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  // F16C came before AVX2 everywhere, and not every compiler can ask for it.
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni"))
    list[n++] = &kAvx512;
  if (avx2) list[n++] = &kAvx2;
#elif defined(__aarch64__)
  list[n++] = &kNeon;
#endif
  list[n] = &kPortable;
  return list;
}

std::atomic<const Kernels*> chosen{nullptr};

}  // namespace

const Kernels* const* all_kernels() {
  static const auto list = usable();
  return list.data();
}

const Kernels& kernels() {
  const Kernels* set = chosen.load(std::memory_order_acquire);
  return set ? *set : *all_kernels()[0];
}

bool choose_kernels(const char* name) {
  for (auto set = all_kernels(); *set; set++) {
    if (std::strcmp((*set)->name, name) == 0) {
      chosen.store(*set, std::memory_order_release);
      return true;
    }
  }
  return false;
}

}  // namespace llamba::cpu
