#pragma once

#include <optional>

#include "engine/linear.h"

namespace llamba {

/** What may be folded into a product of few rows, so that a block of a model takes five launches. */
struct Folded {
  const mlx::core::array* norm = nullptr;      // [K]: x is RMS-normalized first
  float eps = 0;
  const mlx::core::array* residual = nullptr;  // [..., N], added
  bool swiglu = false;                         // W is [gate | up]: the result is silu(gate) * up, [..., N / 2]
  const mlx::core::array* next = nullptr;      // what is read next: its beginning goes into the L2 cache
  std::optional<mlx::core::Dtype> dtype = {};  // of the result; x's by default
};

/** Whether matvec_cuda takes this product of `rows` rows: CUDA, 16-bit activations, 4 or 8 bits, no additive bias. */
bool fits_matvec(const Linear&, mlx::core::Dtype activations, int rows);

/** x [..., K] W^T for a few rows x; sums in float32. See matvec_cuda.inc. */
mlx::core::array matvec_cuda(const Linear&, const mlx::core::array& x, const Folded& folded = {});

}  // namespace llamba
