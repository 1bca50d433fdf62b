#if defined(__x86_64__)

#include <cmath>
#include <immintrin.h>

#include "cpu/isa.h"
#include "cpu/kernels.h"
#include "cpu/scratch.h"
#include "cpu/widen.h"

// Everything below, and nothing from the headers above, is compiled for AVX2.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,f16c")
#endif

namespace llamba::cpu {
namespace {
#include "cpu/simd_avx2.h"

#define LLAMBA_INTEGER_ROWS  // for integer_rows.h in place of float_rows.h
#include "cpu/kernel_text.h"
}  // namespace

const Kernels kAvx2 = table("avx2");

}  // namespace llamba::cpu

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
