#pragma once

#include <optional>
#include <vector>

#include "engine/chooser.h"
#include "engine/model.h"
#include "engine/state.h"

namespace llamba {

/** Sequences of one model that step together. Their stacked arrays are kept from step to step while the same states
    take part; a state's own rows are then empty until release(). */
class Batch {
 public:
  /** ahead: the device chooses, and feeds its choice before it was asked to. Else the host does: on the CPU a step that
      nobody wants would cost as much as another. */
  Batch(const Model& model, bool ahead) : model_(model), ahead_of_time_(ahead) {}
  /** Feeds tokens[i] to *states[i]; gives the samplers' choices of what follows, -1 where the logits are no numbers.
      No samplers: nothing is to follow. What was fed ahead is found by the next call with the same states and those
      tokens; until then the states are as if it had not begun. */
  std::vector<int32_t> step(const std::vector<State*>& states, const std::vector<int32_t>& tokens,
                            const std::vector<Sampler*>& samplers);
  /** Gives the states their rows back. To be called before anyone else looks at them. */
  void release();
  /** release() for a failure: when the rows cannot be had, the states lose them, and their next use is an Error. */
  void leave() noexcept;

 private:
  /** A step that was begun before its tokens were asked for: rows_, hidden_ and choice_ are after it already. */
  struct Ahead {
    std::vector<int32_t> tokens;  // what it feeds
    Rows before;                  // what undoes it
    mlx::core::array hidden;      // before it
  };
  void join(const std::vector<State*>& states);
  void undo_ahead();
  void forget();
  /** Reads the device's choice after hidden_, having begun to feed it. */
  std::vector<int32_t> choose_and_go_on(const std::vector<Sampler*>& samplers);
  std::vector<int32_t> choose_on_host(const std::vector<Sampler*>& samplers);

  const Model& model_;
  const bool ahead_of_time_;
  std::vector<State*> states_;
  Rows rows_;
  std::optional<mlx::core::array> hidden_;  // [B, 1, d]
  std::optional<Chooser> chooser_;
  std::optional<Chooser::Choice> choice_;  // of what follows hidden_
  std::optional<Ahead> ahead_;
};

}  // namespace llamba
