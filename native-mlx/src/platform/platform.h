#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace llamba {

/** What the machine is. Bytes. */
struct Device {
  std::string name;          // "Apple M3 Pro", "AMD EPYC"
  std::string backend;       // "metal" | "cuda" | "cpu"
  std::string architecture;  // of the GPU, or the instruction set our CPU kernels use ("avx512", "avx2", "neon", "portable")
  std::string mlx_version;
  int64_t memory_bytes;       // physical
  int64_t working_set_bytes;  // what the GPU may use without harm; on a CPU, physical memory
};

/** What the process uses now. Bytes. */
struct Memory {
  int64_t active_bytes, cache_bytes, peak_bytes;  // MLX's counters
  int64_t footprint_bytes;                        // macOS: phys_footprint; Linux: resident set without file pages
  std::string thermal;                            // "nominal" | "fair" | "serious" | "critical" | "unknown"
};

Device device();
Memory memory();
void reset_peak_memory();

enum class Pressure { normal, warn, critical };
/** Calls back from a thread of the system whenever memory pressure changes; returns a function that stops it.
    macOS: a dispatch memory-pressure source. Linux: /proc/pressure/memory where it can be polled. */
std::function<void()> watch_pressure(std::function<void(Pressure)>);

/** Runs f inside an autorelease pool on macOS, plainly elsewhere. */
void with_pool(const std::function<void()>& f);

}  // namespace llamba
