#pragma once

namespace llamba {

/** Bytes a second, the best of some runs over far more than caches hold. On the CPU: read by all threads of the pool. On
    a GPU: read and written by MLX. Engine thread only. Throws Error out-of-memory. */
double memory_speed();

}  // namespace llamba
