#pragma once

#include <memory>
#include <vector>

#include "cpu/kernels.h"
#include "engine/linear.h"
#include "kernels/ssd.h"

namespace llamba {

/** A Llamba's blocks as raw pointers, for a step in one go on the CPU. The arrays behind them belong to the model. */
struct StepPlan {
  struct Product {
    explicit Product(const Linear& linear, int in);
    cpu::Matrix matrix;
    std::vector<float> bias;  // empty: none
    /** y [M, N] = x [M, K] W^T (+ bias) */
    void operator()(const float* x, int M, float* y) const;
  };
  struct Block {
    const float* mixer_norm;
    Product in_proj;
    const float *conv_weight, *conv_bias, *z_bias, *D;
    Product out_proj;
    const float* mlp_norm;
    std::vector<Product> gate_up;
    Product down;
  };
  std::vector<Block> blocks;
  MixerShape mixer;
  int width, mlp_width;
  float eps, last_eps;
  const float* last_norm;
};

/** Feeds h [B, 1, d] (the embedded tokens) through all blocks and the last norm as one primitive: at 30 blocks, MLX's
    cost per operation would be a tenth of a small model's step. `arrays`: the states, replaced. Returns hidden. */
mlx::core::array run_step(std::shared_ptr<const StepPlan> plan, const mlx::core::array& h,
                          std::vector<mlx::core::array>& arrays);

}  // namespace llamba
