#include <bit>
#include <cmath>

#include "cpu/isa.h"
#include "cpu/kernels.h"
#include "cpu/scratch.h"
#include "cpu/widen.h"

namespace llamba::cpu {
namespace {
#include "cpu/simd_portable.h"

#include "cpu/kernel_text.h"
}  // namespace

const Kernels kPortable = table("portable");

}  // namespace llamba::cpu
