#include "engine/preflight.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "engine/error.h"

namespace llamba {
namespace {

std::string mib(int64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

}  // namespace

int64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);) {
    long long kib;
    if (std::sscanf(line.c_str(), "MemAvailable: %lld kB", &kib) == 1) return int64_t(kib) * 1024;
  }
  return int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

void require_memory(int64_t bytes, const std::string& what) {
  int64_t available = available_memory();
  if (bytes > available)
    throw Error("out-of-memory", what + " needs " + mib(bytes) + " of memory and " + mib(available) + " are available.",
                "Close other apps, or choose a smaller model.");
}

}  // namespace llamba
