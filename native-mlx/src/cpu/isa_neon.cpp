#if defined(__aarch64__)

#include <arm_neon.h>
#include <cmath>

#include "cpu/isa.h"
#include "cpu/kernels.h"
#include "cpu/scratch.h"
#include "cpu/widen.h"

namespace llamba::cpu {
namespace {
#include "cpu/simd_neon.h"

#include "cpu/kernel_text.h"
}  // namespace

const Kernels kNeon = table("neon");

}  // namespace llamba::cpu

#endif
