#pragma once

#include <optional>
#include <vector>

#include "engine/linear.h"
#include "engine/llama_shape.h"
#include "engine/model.h"
#include "engine/tensor_reader.h"

namespace llamba {

/** The Llama transformer, for comparison. Rows.arrays: for each sequence and each block its keys and values
    [1, kv heads, capacity, D] in the activations' type, keys after rope; capacity grows by blocks of tokens. */
class Llama : public Model {
 public:
  Llama(const Checkpoint&, TensorReader&);

  Rows fresh() const override;
  mlx::core::array chunk(const mlx::core::array& ids, int valid, Rows&, const Pause&) const override;
  mlx::core::array step(const mlx::core::array& ids, Rows&) const override;
  mlx::core::array logits(const mlx::core::array& hidden) const override;
  Rows stack(const std::vector<Rows>&) const override;
  std::vector<Rows> split(const Rows&) const override;
  /** A cache only ever gains tokens, so going back is forgetting the later ones. */
  Rows bookmark(const Rows& rows) const override { return {{}, rows.tokens}; }
  Rows rewind(const Rows& bookmark, const Rows& now) const override { return {now.arrays, bookmark.tokens}; }
  Rows to_file(const Rows&) const override;
  Rows from_file(Rows) const override;
  mlx::core::Dtype compute() const override { return compute_; }

 private:
  struct Block {
    mlx::core::array attention_norm;
    Stack qkv;
    Linear out;
    mlx::core::array mlp_norm;
    Stack gate_up;
    Linear down;
  };
  mlx::core::array run(const mlx::core::array& ids, Rows&, const Pause&) const;
  /** y [B, L, H D] of qkv [B, L, (H + 2 KV) D] for block b; appends to each sequence's cache. */
  mlx::core::array attend(const mlx::core::array& qkv, size_t b, Rows&) const;

  LlamaShape shape_;
  mlx::core::array wavelengths_;  // [D / 2], over 2 pi
  std::vector<Block> blocks_;
  Linear embedding_;
  std::optional<Linear> head_;
  mlx::core::array last_norm_;
  mlx::core::Dtype compute_;
};

}  // namespace llamba
