#include "cpu/large_pages.h"

#if defined(__linux__)
#include <sys/mman.h>

#include <cstdint>
#endif

namespace llamba::cpu {

void use_large_pages([[maybe_unused]] const void* data, [[maybe_unused]] size_t bytes) {
#if defined(__linux__)
  constexpr int kCollapse = 25;  // MADV_COLLAPSE, which the C library's headers may not know
  constexpr uintptr_t kPage = 2 << 20;
  constexpr size_t kWorth = 1 << 16;  // a tiny model has no use for them
  if (bytes < kWorth) return;
  const auto begin = reinterpret_cast<uintptr_t>(data);
  // A page holds what lies beside it too. One that the system cannot make stays as it was.
  for (uintptr_t at = begin / kPage * kPage; at < begin + bytes; at += kPage)
    madvise(reinterpret_cast<void*>(at), kPage, kCollapse);
#endif
}

}  // namespace llamba::cpu
