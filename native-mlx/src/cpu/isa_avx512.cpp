#if defined(__x86_64__)

#include <climits>
#include <cmath>
#include <immintrin.h>

#include "cpu/isa.h"
#include "cpu/kernels.h"
#include "cpu/scratch.h"
#include "cpu/widen.h"

// Everything below, and nothing from the headers above, is compiled for AVX-512.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#else
// GCC 12's own header trips over its undefined vectors.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")
#endif

namespace llamba::cpu {
namespace {
#include "cpu/simd_avx512.h"

#define LLAMBA_INTEGER_ROWS  // for integer_rows.h in place of float_rows.h
#include "cpu/kernel_text.h"
}  // namespace

const Kernels kAvx512 = table("avx512");

}  // namespace llamba::cpu

#if defined(__clang__)
#pragma clang attribute pop
#endif

#endif
