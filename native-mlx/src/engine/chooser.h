#pragma once

#include <functional>
#include <vector>

#include "engine/sampler.h"
#include "engine/state.h"

namespace llamba {

/** Chooses for B sequences that step together as their Samplers would, as operations of the device: what it chose can
    be fed before anyone has read it. Its sums are float32, the Sampler's double, so a draw within some 1e-7 of the
    border between two tokens may fall to the other one. */
class Chooser {
 public:
  /** logits: hidden [B, 1, d] to [B, 1, vocabulary], float32. */
  Chooser(std::function<mlx::core::array(const mlx::core::array&)> logits, int vocabulary,
          std::vector<Sampler*> samplers);

  struct Choice {
    mlx::core::array ids;                   // [B] int32, lazily; -1 where the logits are no numbers
    std::vector<mlx::core::array> windows;  // none, or [B, W]: the latest tokens, once the ids are among them
  };
  /** After `hidden` [B, 1, d]. `windows`: of the choice before, or of(states). `pending`: how many choices of each
      sequence were made and not yet read. */
  Choice operator()(const mlx::core::array& hidden, std::vector<mlx::core::array> windows, int pending) const;
  /** What a repetition penalty looks at, as the states have it. */
  std::vector<mlx::core::array> windows_of(const std::vector<State*>& states) const;
  const std::vector<Sampler*>& samplers() const { return samplers_; }

 private:
  std::vector<Sampler*> samplers_;
  bool greedy_;
  int window_ = 0;
  std::vector<mlx::core::array> settings_;  // constants of all choices
  // hidden, windows, draws and settings to ids and windows
  std::function<std::vector<mlx::core::array>(const std::vector<mlx::core::array>&)> choose_;
};

}  // namespace llamba
