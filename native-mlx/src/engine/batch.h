#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/model.h"
#include "engine/state.h"

namespace llamba {

/** Sequences of one model that step together. Their stacked arrays are kept from step to step while the same states
    take part; a state's own rows are then empty until release(). */
class Batch {
 public:
  explicit Batch(const Model& model);
  enum class Want { kNothing, kLogits, kGreedy };
  struct Next {
    std::optional<mlx::core::array> logits;  // [B, 1, V], evaluated
    std::vector<int32_t> ids;                // [B]; -1 where the logits are no numbers
  };
  /** Feeds tokens[i] to *states[i]; gives what was wanted of the logits that follow. With kGreedy the device chooses, and
      is already feeding its choice when the ids are read: the next call with the same states and those tokens finds it
      done. Until then the states are as if it had not begun. */
  Next step(const std::vector<State*>& states, const std::vector<int32_t>& tokens, Want want);
  /** Gives the states their rows back. To be called before anyone else looks at them. */
  void release();
  /** release() for a failure: when the rows cannot be had, the states lose them, and their next use is an Error. */
  void leave() noexcept;

 private:
  /** A step that was begun before its tokens were asked for: rows_ and hidden_ are after it already. */
  struct Ahead {
    std::vector<int32_t> tokens;  // what it feeds
    Rows before;                  // what undoes it
    mlx::core::array hidden;      // before it
  };
  void join(const std::vector<State*>& states);
  void undo_ahead();
  /** Reads the device's choice after hidden_, having begun to feed it. */
  std::vector<int32_t> choose_and_go_on();

  const Model& model_;
  std::function<std::vector<mlx::core::array>(const std::vector<mlx::core::array>&)> choose_;  // hidden to choice
  std::vector<State*> states_;
  Rows rows_;
  std::optional<mlx::core::array> hidden_;  // [B, 1, d]
  std::optional<mlx::core::array> choice_;  // [B] int32, of what follows hidden_
  std::optional<Ahead> ahead_;
};

}  // namespace llamba
