#include "engine/score.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"
#include "engine/sampler.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kMostTop = 1000;
constexpr int kPiece = 32;  // positions whose logits exist at once: 16 MiB at a vocabulary of 128k

}  // namespace

Scorer::Scorer(const Model& model, const State& state, const std::vector<int32_t>& ids, int top)
    : model_(model), ids_(ids), top_(size_t(top)) {
  if (top < 0 || top > kMostTop)
    throw Error("bad-request", "top must be from 0 to " + std::to_string(kMostTop) + ".", "Ask for fewer.");
  result_.logprobs.reserve(ids.size());
  if (ids.empty()) return;
  if (!state.hidden) {
    result_.logprobs.push_back(NAN);
    return;
  }
  mx::array logits = model.logits(*state.hidden);
  logits.eval();
  const float* row = logits.data<float>();
  result_.logprobs.push_back(float(row[ids[0]] - log_sum_exp(row, model.info().vocabulary)));
}

void Scorer::take(const mx::array& hidden, const Pause& pause) {
  int count = hidden.shape(1), vocabulary = model_.info().vocabulary;
  for (int from = 0; from < count; from += kPiece) {
    if (pause) pause();
    int to = std::min(from + kPiece, count);
    mx::array logits = model_.logits(mx::contiguous(mx::slice(hidden, {0, from, 0}, {1, to, hidden.shape(2)})));
    logits.eval();
    for (int i = from; i < to; ++i, ++taken_) {
      const float* row = logits.data<float>() + int64_t(i - from) * vocabulary;
      bool more = taken_ + 1 < ids_.size();
      if (!more && top_ == 0) continue;
      double total = log_sum_exp(row, vocabulary);
      if (more) result_.logprobs.push_back(float(row[ids_[taken_ + 1]] - total));
      if (top_ == 0) continue;
      for (int32_t id : best_ids(row, vocabulary, int(top_))) {
        result_.top_ids.push_back(id);
        result_.top_logprobs.push_back(float(row[id] - total));
      }
    }
  }
}

}  // namespace llamba
