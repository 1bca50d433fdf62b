#pragma once

#include "engine/engine.h"
#include "engine/prefill.h"

namespace llamba {

/** Fills a ScoreResult while its ids are fed. */
class Scorer {
 public:
  /** `state` before feeding: its hidden vector, if any, predicts the first id. */
  Scorer(const Model& model, const State& state, const std::vector<int32_t>& ids, int top);
  /** hidden [1, n, d] of the ids after those taken so far. */
  void take(const mlx::core::array& hidden, const Pause& pause);
  ScoreResult& result() { return result_; }

 private:
  const Model& model_;
  const std::vector<int32_t>& ids_;
  size_t top_, taken_ = 0;
  ScoreResult result_;
};

/** Calls take(i, logits [V]) for each i of hidden [..., d], R rows in all. The head is applied to a few of them at a time,
    so that logits of a whole document never exist at once. */
void each_logits(const Model& model, const mlx::core::array& hidden, const Pause& pause,
                 const std::function<void(int i, const float* logits)>& take);

}  // namespace llamba
