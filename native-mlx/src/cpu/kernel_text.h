// One text for every instruction set: included by isa_*.cpp inside a namespace of its own, after `struct V`.
#include "cpu/text/common.h"

#include "cpu/text/tile.h"

#include "cpu/text/gemm.h"
#if defined(LLAMBA_INTEGER_ROWS)
#include "cpu/text/integer_rows.h"
#else
#include "cpu/text/float_rows.h"
#endif
#include "cpu/text/matvec.h"
#include "cpu/text/mixer.h"
#include "cpu/text/softmax.h"

constexpr Kernels table(const char* name) {
  return {name, V::MR, NR, V::GEMM_ROWS, spread_size, spread, matvec, panel, tile, softmax, mixer_step};
}
