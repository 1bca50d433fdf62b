#include "engine/batch.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

// Sequences above which nothing is begun ahead: a step is long then, and the states before it would be kept beside those
// after it.
constexpr size_t kMostAhead = 32;

/** The largest of logits [B, 1, V], of equals the first; -1 where one is no number, as the sampler refuses it. */
mx::array greedy(const mx::array& logits) {
  mx::array rows = mx::squeeze(logits, 1);
  mx::array best = mx::astype(mx::argmax(rows, -1), mx::int32);
  return mx::where(mx::isfinite(mx::max(rows, -1)), best, mx::array(-1));
}

}  // namespace

Batch::Batch(const Model& model) : model_(model) {
  choose_ = mx::compile([&model](const std::vector<mx::array>& hidden) {
    return std::vector<mx::array>{greedy(model.logits(hidden[0]))};
  });
}

void Batch::join(const std::vector<State*>& states) {
  release();
  for (State* state : states) require_rows(*state);
  std::vector<Rows> rows;
  for (State* state : states) rows.push_back(state->rows);
  rows_ = model_.stack(rows);
  for (State* state : states) state->rows.arrays.clear();
  states_ = states;
}

std::vector<int32_t> Batch::choose_and_go_on() {
  if (!choice_) choice_ = choose_({*hidden_})[0];
  mx::array chosen = *choice_;
  if (states_.size() > kMostAhead) {
    std::vector<mx::array> outputs = rows_.arrays;
    outputs.push_back(chosen);
    mx::eval(std::move(outputs));
    choice_.reset();
  } else {
    mx::async_eval({chosen});  // by itself: what is read waits for all that was begun with it
    ahead_ = Ahead{{}, model_.bookmark(rows_), *hidden_};
    hidden_ = model_.step(mx::maximum(chosen, mx::array(0)), rows_);
    choice_ = choose_({*hidden_})[0];
    std::vector<mx::array> outputs = rows_.arrays;
    outputs.push_back(*choice_);
    mx::async_eval(std::move(outputs));
    chosen.eval();
  }
  std::vector<int32_t> ids(chosen.data<int32_t>(), chosen.data<int32_t>() + chosen.size());
  if (ahead_) ahead_->tokens = ids;
  return ids;
}

Batch::Next Batch::step(const std::vector<State*>& states, const std::vector<int32_t>& tokens, Want want) {
  if (states != states_) join(states);
  if (ahead_ && ahead_->tokens == tokens) {
    ahead_.reset();
  } else {
    undo_ahead();
    hidden_ = model_.step(mx::array(tokens.begin(), {int(tokens.size())}), rows_);
    choice_.reset();
  }
  for (size_t i = 0; i < states.size(); ++i) {
    states[i]->rows.tokens = {rows_.tokens[i]};
    states[i]->remember(&tokens[i], 1);
  }
  Next next;
  if (want == Want::kGreedy) {
    next.ids = choose_and_go_on();
    return next;
  }
  std::vector<mx::array> outputs = rows_.arrays;
  outputs.push_back(*hidden_);
  if (want == Want::kLogits) outputs.push_back(*(next.logits = model_.logits(*hidden_)));
  mx::eval(std::move(outputs));
  return next;
}

void Batch::undo_ahead() {
  if (!ahead_) return;
  rows_ = model_.rewind(ahead_->before, rows_);
  hidden_ = ahead_->hidden;
  choice_.reset();
  ahead_.reset();
}

void Batch::release() {
  if (states_.empty()) return;
  undo_ahead();
  std::vector<Rows> rows = model_.split(rows_);
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i]->rows = std::move(rows[i]);
    if (!hidden_) continue;
    int width = hidden_->shape(2), at = int(i);
    mx::array own = states_.size() == 1 ? *hidden_ : mx::contiguous(mx::slice(*hidden_, {at, 0, 0}, {at + 1, 1, width}));
    own.eval();
    states_[i]->hidden = own;
  }
  states_.clear();
  rows_ = {};
  hidden_.reset();
  choice_.reset();
}

void Batch::leave() noexcept {
  try {
    release();
  } catch (...) {  // the failure that led here is the one that is reported
    states_.clear();
    rows_ = {};
    hidden_.reset();
    choice_.reset();
    ahead_.reset();
  }
}

}  // namespace llamba
