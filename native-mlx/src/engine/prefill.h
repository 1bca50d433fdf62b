#pragma once

#include <cstdint>
#include <vector>

#include "engine/model.h"
#include "engine/state.h"

namespace llamba {

/** Throws Error bad-request when an id is not the model's. */
void check_ids(const std::vector<int32_t>& ids, const Model& model);

/** Tokens fed at once that suit the device. */
int suitable_chunk();

/** Feeds the same ids, at most `chunk` of them, to each of B sequences. Returns hidden [B, ids, d], lazily. */
mlx::core::array feed_rows(const Model& model, const std::vector<int32_t>& ids, Rows& rows, size_t chunk,
                           const Pause& pause);

/** Feeds ids to a state, chunk by chunk, so that peak memory does not depend on their number. */
class Prefill {
 public:
  /** chunk: tokens at once; 0 = what suits the device. The state must outlive this. */
  Prefill(const Model& model, State& state, std::vector<int32_t> ids, int chunk);

  bool finished() const { return fed_ == ids_.size(); }
  int64_t fed() const { return int64_t(fed_); }
  int64_t total() const { return int64_t(ids_.size()); }
  const std::vector<int32_t>& ids() const { return ids_; }
  /** Feeds the next chunk. Returns hidden [1, n, d] of its n tokens; it and the state are evaluated. */
  mlx::core::array next(const Pause& pause);
  /** Puts the state back to what it was before the first chunk. */
  void undo();

 private:
  const Model& model_;
  State& state_;
  std::vector<int32_t> ids_;
  size_t chunk_, fed_ = 0;
  State before_;
};

/** A state as it is now, at the least cost, to go back to later. */
State bookmark(const Model& model, const State& state);
void rewind(const Model& model, State& state, const State& bookmark);

}  // namespace llamba
