#include "engine/score.h"

#include <algorithm>
#include <cmath>

#include "engine/error.h"
#include "engine/sampler.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kMostTop = 1000;
constexpr int kPieceBytes = 16 << 20;  // of logits that exist at once: 32 rows at a vocabulary of 128k

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
  int vocabulary = model_.info().vocabulary;
  each_logits(model_, hidden, pause, [&](int, const float* row) {
    size_t at = taken_++;
    bool more = at + 1 < ids_.size();
    if (!more && top_ == 0) return;
    double total = log_sum_exp(row, vocabulary);
    if (more) result_.logprobs.push_back(float(row[ids_[at + 1]] - total));
    if (top_ == 0) return;
    for (int32_t id : best_ids(row, vocabulary, int(top_))) {
      result_.top_ids.push_back(id);
      result_.top_logprobs.push_back(float(row[id] - total));
    }
  });
}

void each_logits(const Model& model, const mx::array& hidden, const Pause& pause,
                 const std::function<void(int, const float*)>& take) {
  int width = hidden.shape(-1), vocabulary = model.info().vocabulary;
  int count = int(hidden.size() / width), piece = std::max(1, kPieceBytes / int(sizeof(float)) / vocabulary);
  mx::array rows = mx::reshape(hidden, {count, width});
  for (int from = 0; from < count; from += piece) {
    if (pause) pause();
    int to = std::min(from + piece, count);
    mx::array logits = model.logits(mx::contiguous(mx::slice(rows, {from, 0}, {to, width})));
    logits.eval();
    for (int i = from; i < to; ++i) take(i, logits.data<float>() + int64_t(i - from) * vocabulary);
  }
}

}  // namespace llamba
