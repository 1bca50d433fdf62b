#pragma once

#include <vector>

#include "cpu/kernels.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/mlx.h"

namespace llamba::cpu {

/** The inputs of a primitive, row-contiguous: those that are not get copied by a task of the stream. */
std::vector<mlx::core::array> dense(const std::vector<mlx::core::array>& inputs, mlx::core::Stream stream);

/** The matrix whose weight is arrays[at], followed by scales and biases when bits > 0. K is x's width. */
Matrix matrix(const std::vector<mlx::core::array>& arrays, size_t at, int K, int group, int bits);

/** Throws std::invalid_argument unless the shapes and types make a matrix that x can be multiplied with. */
std::vector<mlx::core::array> checked(const mlx::core::array& x, const mlx::core::array& weight,
                                      const mlx::core::array& scales, const mlx::core::array& biases, int group,
                                      int bits);
std::vector<mlx::core::array> checked(const mlx::core::array& x, const mlx::core::array& weight);

}  // namespace llamba::cpu
