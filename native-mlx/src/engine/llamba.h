#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/linear.h"
#include "engine/llamba_step.h"
#include "engine/model.h"
#include "engine/tensor_reader.h"
#include "kernels/ssd.h"

namespace llamba {

/** Llama blocks with discrete Mamba-2 mixers in place of attention (spec 2 and 3). Rows.arrays: for each block its
    convolution state [B, cd, K-1] and its state S [B, H, P, N], float32. */
class Llamba : public Model {
 public:
  Llamba(const Checkpoint&, TensorReader&);

  Rows fresh() const override;
  mlx::core::array chunk(const mlx::core::array& ids, int valid, Rows&, const Pause&) const override;
  mlx::core::array step(const mlx::core::array& ids, Rows&) const override;
  mlx::core::array logits(const mlx::core::array& hidden) const override;
  Rows stack(const std::vector<Rows>&) const override;
  std::vector<Rows> split(const Rows&) const override;
  Rows bookmark(const Rows& rows) const override { return rows; }
  Rows rewind(const Rows& bookmark, const Rows&) const override { return bookmark; }
  Rows to_file(const Rows& rows) const override { return rows; }
  Rows from_file(Rows rows) const override;
  mlx::core::Dtype compute() const override { return compute_; }

 private:
  struct Block {
    mlx::core::array mixer_norm;
    Linear in_proj;
    MixerWeights mixer;
    Linear out_proj;
    mlx::core::array mlp_norm;
    Stack gate_up;
    Linear down;
  };
  /** Of the i-th of one sequence's arrays. */
  mlx::core::Shape shape_of(size_t i) const;
  void plan_step();
  /** valid = null: a step. */
  mlx::core::array run(const mlx::core::array& ids, const mlx::core::array* valid, Rows&, const Pause&) const;
  /** A step of few sequences on CUDA: norms, residual sums and SwiGLU are parts of the products, five launches a block. */
  mlx::core::array run_folded(const mlx::core::array& ids, Rows&) const;
  bool folds(int rows) const;

  MixerShape shape_;
  std::vector<Block> blocks_;
  Linear embedding_;
  std::optional<Linear> head_;  // none: tied to the embedding
  mlx::core::array last_norm_;
  float last_eps_;
  mlx::core::Dtype compute_;
  std::shared_ptr<const StepPlan> plan_;  // on the CPU
  // On a GPU: ids [B] and states to hidden and states. Traced once for each B, so that a step builds no graph anew.
  std::function<std::vector<mlx::core::array>(const std::vector<mlx::core::array>&)> traced_;
};

}  // namespace llamba
