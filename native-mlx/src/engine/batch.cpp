#include "engine/batch.h"

namespace mx = mlx::core;

namespace llamba {

mx::array Batch::step(const std::vector<State*>& states, const std::vector<int32_t>& tokens, bool want_logits) {
  if (states != states_) {
    release();
    for (State* state : states) require_rows(*state);
    std::vector<Rows> rows;
    for (State* state : states) rows.push_back(state->rows);
    rows_ = model_.stack(rows);
    for (State* state : states) state->rows.arrays.clear();
    states_ = states;
  }
  hidden_ = model_.step(mx::array(tokens.begin(), {int(tokens.size())}), rows_);
  mx::array out = want_logits ? model_.logits(*hidden_) : *hidden_;
  std::vector<mx::array> outputs = rows_.arrays;
  outputs.push_back(out);
  mx::eval(std::move(outputs));
  for (size_t i = 0; i < states.size(); ++i) {
    states[i]->rows.tokens = {rows_.tokens[i]};
    states[i]->remember(&tokens[i], 1);
  }
  return out;
}

void Batch::release() {
  if (states_.empty()) return;
  std::vector<Rows> rows = model_.split(rows_);
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i]->rows = std::move(rows[i]);
    if (!hidden_) continue;
    int width = hidden_->shape(2), at = int(i);
    mx::array own = states_.size() == 1 ? *hidden_ : mx::copy(mx::slice(*hidden_, {at, 0, 0}, {at + 1, 1, width}));
    own.eval();
    states_[i]->hidden = own;
  }
  states_.clear();
  rows_ = {};
  hidden_.reset();
}

void Batch::leave() noexcept {
  try {
    release();
  } catch (...) {  // the failure that led here is the one that is reported
    states_.clear();
    rows_ = {};
    hidden_.reset();
  }
}

}  // namespace llamba
