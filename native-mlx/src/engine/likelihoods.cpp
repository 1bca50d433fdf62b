#include "engine/likelihoods.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/prefill.h"
#include "engine/sampler.h"
#include "engine/score.h"

namespace mx = mlx::core;

namespace llamba {

LikelihoodsJob::LikelihoodsJob(LikelihoodsRequest request, Progress progress, Done<std::vector<double>> done)
    : request_(std::move(request)), progress_(std::move(progress)), done_(std::move(done)) {
  states = request_.states;
}

void LikelihoodsJob::start(Worker& worker) {
  worker_ = &worker;
  model_ = worker.model(request_.model).model.get();
  for (StateId id : states) {
    const State& state = worker.state(id);
    if (state.model != request_.model)
      throw Error("bad-request", "The states are not all of this model.", "Ask each model for its own.");
    require_rows(state);
    if (!state.hidden)
      throw Error("bad-request", "A fresh state expects nothing yet.", "Feed it what comes before.");
  }
  check_ids(request_.ids, *model_);
  worker.claim(*this);
  if (!states.empty() && !request_.ids.empty()) return worker.readings.push_back(this);
  worker.finished(*this);
  done_(std::vector<double>(states.size(), 0));
}

void LikelihoodsJob::advance(Worker& worker) {
  // As few turns as have room, of equal size: the last of them would be the least efficient.
  size_t room = std::max<size_t>(1, size_t(suitable_chunk()) / request_.ids.size());
  size_t from = sums_.size(), left = states.size() - from, turns = (left + room - 1) / room;
  size_t to = from + (left + turns - 1) / turns;
  for (double sum : of(worker, from, to)) sums_.push_back(sum);
  if (progress_) progress_(int64_t(to), int64_t(states.size()));
  if (to < states.size()) return;
  std::erase(worker.readings, this);
  worker.finished(*this);
  done_(std::move(sums_));
}

std::vector<double> LikelihoodsJob::of(Worker& worker, size_t from, size_t to) const {
  Pause pause = [this] { check_cancelled(*this); };
  pause();
  std::vector<Rows> each;
  std::vector<mx::array> before;
  for (size_t i = from; i < to; ++i) {
    const State& state = worker.state(states[i]);
    each.push_back(state.rows);
    before.push_back(*state.hidden);
  }
  Rows rows = model_->stack(each);
  each.clear();
  const std::vector<int32_t>& ids = request_.ids;
  std::vector<double> sums(to - from, 0);
  // [B, n, d]: what the ids from `told` on are expected from. After the last id nothing is: it is not fed.
  mx::array expecting = mx::concatenate(std::move(before), 0);
  size_t chunk = suitable_chunk(), fed = 0, told = 0;
  while (told < ids.size()) {
    std::vector<int32_t> more(ids.begin() + fed, ids.begin() + std::min(fed + chunk, ids.size() - 1));
    if (!more.empty()) {
      mx::array hidden = feed_rows(*model_, more, rows, chunk, pause);
      expecting = told == 0 ? mx::concatenate({expecting, hidden}, 1) : hidden;
      fed += more.size();
    }
    std::vector<mx::array> outputs = rows.arrays;
    outputs.push_back(expecting);
    mx::eval(std::move(outputs));
    int count = expecting.shape(1);
    each_logits(*model_, expecting, pause, [&](int i, const float* row) {
      sums[i / count] += row[ids[told + i % count]] - log_sum_exp(row, model_->info().vocabulary);
    });
    told += count;
  }
  return sums;
}

void LikelihoodsJob::fail(std::exception_ptr error) {
  if (worker_) std::erase(worker_->readings, this);
  done_(error);
}

}  // namespace llamba
