#pragma once

#include <utility>

#include "mlx/mlx.h"

namespace llamba {

/** x / sqrt(mean(x^2) + eps) * w over the last axis; the mean square in float32. */
mlx::core::array rms_norm(const mlx::core::array& x, const mlx::core::array& w, float eps);

/** {h + delta, rms_norm(h + delta)}: the residual sum and what the next layer reads. */
std::pair<mlx::core::array, mlx::core::array> add_rms_norm(const mlx::core::array& h, const mlx::core::array& delta,
                                                           const mlx::core::array& w, float eps);

/** [gate | up] of [..., 2F] to silu(gate) * up, [..., F]. */
mlx::core::array swiglu(const mlx::core::array& gate_up);

}  // namespace llamba
