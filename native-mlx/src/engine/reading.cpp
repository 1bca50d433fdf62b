#include "engine/reading.h"

#include <algorithm>

#include "engine/error.h"

namespace llamba {

void check_cancelled(const Job& job) {
  if (*job.cancelled) throw Error("cancelled", "The work was cancelled.", "");
}

void ReadingJob::start(Worker& worker) {
  worker_ = &worker;
  at_ = &worker.state(states[0]);
  model_ = &worker.model(at_->model);
  prefill_.emplace(*model_->model, *at_, std::move(ids), chunk);
  worker.claim(*this);
  begin(worker);
  if (prefill_->finished())
    end(worker);
  else
    worker.readings.push_back(this);
}

void ReadingJob::advance(Worker& worker) {
  auto began = Clock::now();
  Pause pause = [this] { check_cancelled(*this); };
  pause();
  mlx::core::array hidden = prefill_->next(pause);
  read(hidden, pause);
  read_ms_ += ms_since(began);
  if (progress) progress(prefill_->fed(), prefill_->total());
  if (!prefill_->finished()) return;
  std::erase(worker.readings, this);
  end(worker);
}

void ReadingJob::fail(std::exception_ptr error) {
  if (worker_) std::erase(worker_->readings, this);
  leave();
  if (prefill_) prefill_->undo();
  settle(error);
}

void FeedJob::end(Worker& worker) {
  FeedResult result{at_->tokens(), at_->bytes(), read_ms_};
  worker.finished(*this);
  done(result);
}

void ScoreJob::begin(Worker&) { scorer.emplace(*model_->model, *at_, prefill_->ids(), top); }

void ScoreJob::end(Worker& worker) {
  worker.finished(*this);
  done(std::move(scorer->result()));
}

}  // namespace llamba
