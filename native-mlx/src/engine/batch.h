#pragma once

#include <optional>
#include <vector>

#include "engine/model.h"
#include "engine/state.h"

namespace llamba {

/** Sequences of one model that step together. Their stacked arrays are kept from step to step while the same states
    take part; a state's own rows are then empty until release(). */
class Batch {
 public:
  explicit Batch(const Model& model) : model_(model) {}
  /** Feeds tokens[i] to *states[i]. Returns logits [B, 1, V], evaluated; with want_logits false, hidden instead. */
  mlx::core::array step(const std::vector<State*>& states, const std::vector<int32_t>& tokens, bool want_logits);
  /** Gives the states their rows back. To be called before anyone else looks at them. */
  void release();
  /** release() for a failure: when the rows cannot be had, the states lose them, and their next use is an Error. */
  void leave() noexcept;

 private:
  const Model& model_;
  std::vector<State*> states_;
  Rows rows_;
  std::optional<mlx::core::array> hidden_;  // [B, 1, d]
};

}  // namespace llamba
