#pragma once

#include <functional>

namespace llamba::cpu {

/** Runs f(0) .. f(count - 1) on the calling thread and the pool's threads, and returns when all are done. Each thread
    has neighbouring parts, in rising order, and then takes those of whoever is slower. f must not throw. A call from
    inside f, or while another thread uses the pool, runs in the caller alone. */
void parallel(int count, const std::function<void(int)>& f);

/** Threads that `parallel` uses, the caller among them. */
int pool_threads();

/** Sets that number; 0 = one a physical core of those this process may use. Waits for running work. */
void set_pool_threads(int threads);

}  // namespace llamba::cpu
