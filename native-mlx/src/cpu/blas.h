#pragma once

namespace llamba::cpu {

/** How often this process has called our cblas_sgemm (Linux). Tests prove with it that MLX's matmul comes here. */
long blas_calls();

}  // namespace llamba::cpu
