#pragma once

#include <cstdint>
#include <string>

namespace llamba {

/** Bytes that could be allocated now without pushing others out: MemAvailable on Linux, physical memory elsewhere. */
int64_t available_memory();

/** MLX's CPU backend crashes when malloc fails, so large needs are checked first. Throws Error out-of-memory
    "`what` needs ..." when `bytes` do not fit. */
void require_memory(int64_t bytes, const std::string& what);

}  // namespace llamba
