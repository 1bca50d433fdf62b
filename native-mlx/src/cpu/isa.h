#pragma once

#include "cpu/kernels.h"

namespace llamba::cpu {

#if defined(__x86_64__)
extern const Kernels kAvx512, kAvx2;
#elif defined(__aarch64__)
extern const Kernels kNeon;
#endif
extern const Kernels kPortable;

}  // namespace llamba::cpu
