#pragma once

#include <optional>
#include <vector>

#include "mlx/mlx.h"

namespace llamba {

/** x W^T (+ bias). W [out, in] is affine-quantized (spec 4.2) where scales is set, else dense. On the CPU a quantized one
    and its scales and offsets lie in tiles (cpu/tiles.h). */
struct Linear {
  mlx::core::array weight;                  // packed uint32, or [out, in]
  std::optional<mlx::core::array> scales;   // [out, in / group_size]
  std::optional<mlx::core::array> offsets;  // the same shape; the file calls it "biases"
  std::optional<mlx::core::array> bias;     // [out]; the file calls it "bias"
  int group_size = 0, bits = 0;

  mlx::core::array operator()(const mlx::core::array& x) const;
  /** The same in float32: logits. */
  mlx::core::array wide(const mlx::core::array& x) const;
  /** Rows `ids` as [ids..., in]: the lookup of an embedding. */
  mlx::core::array rows(const mlx::core::array& ids, mlx::core::Dtype dtype) const;
  int64_t bytes() const;
};

/** Matrices that take the same input; their outputs lie side by side. One matrix where their storage allows it. */
struct Stack {
  std::vector<Linear> parts;
  mlx::core::array operator()(const mlx::core::array& x) const;
  int64_t bytes() const;
};

/** Stacks by rows when all have the same kind of storage, else keeps them apart. Evaluated. */
Stack stack(std::vector<Linear> parts);

}  // namespace llamba
