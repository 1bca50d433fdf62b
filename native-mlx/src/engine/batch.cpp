#include "engine/batch.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

// Sequences above which nothing is begun ahead: a step is long then, and the states before it would be kept beside those
// after it.
constexpr size_t kMostAhead = 32;

}  // namespace

void Batch::join(const std::vector<State*>& states) {
  release();
  for (State* state : states) require_rows(*state);
  std::vector<Rows> rows;
  for (State* state : states) rows.push_back(state->rows);
  rows_ = model_.stack(rows);
  for (State* state : states) state->rows.arrays.clear();
  states_ = states;
}

std::vector<int32_t> Batch::choose_on_host(const std::vector<Sampler*>& samplers) {
  mx::array logits = model_.logits(*hidden_);
  std::vector<mx::array> outputs = rows_.arrays;
  outputs.insert(outputs.end(), {*hidden_, logits});
  mx::eval(std::move(outputs));
  std::vector<int32_t> ids;
  for (size_t i = 0; i < states_.size(); ++i)
    ids.push_back(samplers[i]->pick(logits.data<float>() + i * model_.info().vocabulary, states_[i]->recent));
  return ids;
}

std::vector<int32_t> Batch::choose_and_go_on(const std::vector<Sampler*>& samplers) {
  if (!chooser_ || chooser_->samplers() != samplers) {
    auto logits = [&model = model_](const mx::array& hidden) { return model.logits(hidden); };
    chooser_.emplace(logits, model_.info().vocabulary, samplers);
    choice_.reset();
  }
  if (!choice_) choice_ = (*chooser_)(*hidden_, chooser_->windows_of(states_), 0);
  mx::array chosen = choice_->ids;
  if (states_.size() > kMostAhead) {
    std::vector<mx::array> outputs = rows_.arrays;
    outputs.push_back(chosen);
    mx::eval(std::move(outputs));
    choice_.reset();
  } else {
    mx::async_eval({chosen});  // by itself: what is read waits for all that was begun with it
    ahead_ = Ahead{{}, model_.bookmark(rows_), *hidden_};
    hidden_ = model_.step(mx::maximum(chosen, mx::array(0)), rows_);
    choice_ = (*chooser_)(*hidden_, std::move(choice_->windows), 1);
    std::vector<mx::array> outputs = rows_.arrays;
    outputs.push_back(choice_->ids);
    outputs.insert(outputs.end(), choice_->windows.begin(), choice_->windows.end());
    mx::async_eval(std::move(outputs));
    chosen.eval();
  }
  for (Sampler* sampler : samplers) sampler->picked();
  std::vector<int32_t> ids(chosen.data<int32_t>(), chosen.data<int32_t>() + chosen.size());
  if (ahead_) ahead_->tokens = ids;
  return ids;
}

std::vector<int32_t> Batch::step(const std::vector<State*>& states, const std::vector<int32_t>& tokens,
                                 const std::vector<Sampler*>& samplers) {
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
  if (!samplers.empty()) return ahead_of_time_ ? choose_and_go_on(samplers) : choose_on_host(samplers);
  std::vector<mx::array> outputs = rows_.arrays;
  outputs.push_back(*hidden_);
  mx::eval(std::move(outputs));
  return {};
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
  forget();
}

void Batch::forget() {
  states_.clear();
  rows_ = {};
  hidden_.reset();
  chooser_.reset();
  choice_.reset();
  ahead_.reset();
}

void Batch::leave() noexcept {
  try {
    release();
  } catch (...) {  // the failure that led here is the one that is reported
    forget();
  }
}

}  // namespace llamba
