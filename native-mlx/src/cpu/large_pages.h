#pragma once

#include <cstddef>

namespace llamba::cpu {

/** Asks the system to keep this memory in pages of 2 MiB where it can: weights are read through once a token, and with
    pages of 4 KiB every 64th cache line waits for a translation. Linux 6.1 and later; nothing happens elsewhere. */
void use_large_pages(const void* data, size_t bytes);

}  // namespace llamba::cpu
