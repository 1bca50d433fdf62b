#include "engine/state.h"

#include <algorithm>

#include "engine/error.h"

namespace llamba {

int64_t Rows::bytes() const {
  int64_t sum = 0;
  for (const auto& a : arrays) sum += int64_t(a.nbytes());
  return sum;
}

int64_t State::bytes() const { return rows.bytes() + (hidden ? int64_t(hidden->nbytes()) : 0); }

void State::remember(const int32_t* ids, size_t count) {
  size_t keep = count >= kRecent ? 0 : std::min(recent.size(), kRecent - count);
  recent.erase(recent.begin(), recent.end() - keep);
  recent.insert(recent.end(), ids + count - std::min(count, kRecent), ids + count);
}

void require_rows(const State& state) {
  if (state.rows.arrays.empty())
    throw Error("internal", "The state was lost when an earlier step failed.", "Go on from an earlier checkpoint.");
}

}  // namespace llamba
