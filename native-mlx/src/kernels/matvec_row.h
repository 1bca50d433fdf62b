#pragma once

#include "kernels/matvec_cuda.h"

namespace llamba {

/** Whether matvec_row takes the matrix, given that matvec_cuda does: its row of x must fit into shared memory. */
bool fits_matvec_row(const Linear&);

/** matvec_cuda of one row. See matvec_row.inc. */
mlx::core::array matvec_row(const Linear&, const mlx::core::array& x, const Folded& folded);

}  // namespace llamba
