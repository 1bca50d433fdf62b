#pragma once

#include <cstddef>

namespace llamba::cpu {

/** Who may hold scratch memory at the same time on one thread. */
enum class Scratch { input, panel, tile, mixer, scores, count };

/** At least n floats, 64-byte aligned, of the calling thread; kept and grown, never cleared. Valid until the same
    thread asks for the same name again. */
float* scratch(Scratch name, size_t n);

}  // namespace llamba::cpu
