#pragma once

#include <optional>

#include "engine/job.h"
#include "engine/prefill.h"
#include "engine/score.h"
#include "engine/worker.h"

namespace llamba {

/** A job that begins by feeding ids: it is given one chunk at a time, in turn with others. */
struct ReadingJob : TurnJob {
  std::vector<int32_t> ids;
  int chunk;
  Progress progress;

  void start(Worker&) override;
  /** Feeds one chunk, ends the reading after the last. */
  void advance(Worker&) override;
  void fail(std::exception_ptr) final;

 protected:
  ReadingJob(StateId on, std::vector<int32_t> ids, int chunk, Progress progress)
      : ids(std::move(ids)), chunk(chunk), progress(std::move(progress)) {
    states = {on};
  }
  virtual void begin(Worker&) {}
  virtual void leave() {}                                      // gives the state up before it is put back
  virtual void read(const mlx::core::array&, const Pause&) {}  // hidden of the chunk just fed
  virtual void end(Worker&) = 0;                               // all is fed
  virtual void settle(std::exception_ptr) = 0;

  Worker* worker_ = nullptr;
  LoadedModel* model_ = nullptr;
  State* at_ = nullptr;
  std::optional<Prefill> prefill_;
  double read_ms_ = 0;  // working on its chunks, not waiting for others'
};

struct FeedJob : ReadingJob {
  Done<FeedResult> done;
  FeedJob(FeedRequest r, Progress progress, Done<FeedResult> done)
      : ReadingJob(r.state, std::move(r.ids), r.chunk, std::move(progress)), done(std::move(done)) {}
  void end(Worker&) override;
  void settle(std::exception_ptr error) override { done(error); }
};

struct ScoreJob : ReadingJob {
  int top;
  std::optional<Scorer> scorer;
  Done<ScoreResult> done;
  ScoreJob(ScoreRequest r, Progress progress, Done<ScoreResult> done)
      : ReadingJob(r.state, std::move(r.ids), r.chunk, std::move(progress)), top(r.top), done(std::move(done)) {}
  void begin(Worker&) override;
  void read(const mlx::core::array& hidden, const Pause& pause) override { scorer->take(hidden, pause); }
  void end(Worker&) override;
  void settle(std::exception_ptr error) override { done(error); }
};

}  // namespace llamba
