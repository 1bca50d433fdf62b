#include "engine/stop.h"

#include <algorithm>

#include "engine/error.h"

namespace llamba {

StopStrings::StopStrings(std::vector<std::string> strings, std::shared_ptr<const std::vector<std::string>> pieces)
    : strings_(std::move(strings)), pieces_(std::move(pieces)) {
  std::erase(strings_, "");
  if (!strings_.empty() && (!pieces_ || pieces_->empty()))
    throw Error("bad-request", "Stop strings need the token pieces, which were not given when the model was loaded.",
                "Load the model with its tokenizer.");
  for (const auto& s : strings_) longest_ = std::max(longest_, s.size());
}

std::optional<std::string> StopStrings::feed(int32_t id) {
  if (strings_.empty() || id < 0 || size_t(id) >= pieces_->size()) return {};
  size_t before = tail_.size();
  tail_ += (*pieces_)[id];
  size_t best_end = std::string::npos;
  const std::string* best = nullptr;
  for (const auto& s : strings_) {
    // Only what ends inside the new bytes: earlier matches were reported before.
    size_t from = before >= s.size() ? before - s.size() + 1 : 0;
    size_t at = tail_.find(s, from);
    if (at == std::string::npos) continue;
    size_t end = at + s.size();
    if (!best || end < best_end || (end == best_end && s.size() > best->size())) {
      best = &s;
      best_end = end;
    }
  }
  if (tail_.size() >= longest_) tail_.erase(0, tail_.size() - (longest_ - 1));
  return best ? std::optional(*best) : std::nullopt;
}

}  // namespace llamba
