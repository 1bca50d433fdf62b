#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace llamba {

class Worker;

using Clock = std::chrono::steady_clock;
inline double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/** One request on its way through the engine. Belongs to the engine thread once queued; others hold its flag only, so
    that what it has of MLX never dies on their threads. */
struct Job {
  JobId id = 0;
  std::vector<StateId> states;  // those it works on; jobs of one state run in the order they came
  ModelId unloads = 0;          // the model it takes away: work on it is cancelled first, and nothing later starts before
  const std::shared_ptr<std::atomic<bool>> cancelled = std::make_shared<std::atomic<bool>>(false);
  Clock::time_point arrived = Clock::now();

  virtual ~Job() = default;
  /** Does it, or begins it. Whatever it throws goes to fail(). */
  virtual void start(Worker&) = 0;
  /** Settles it with an error, having put its state back. */
  virtual void fail(std::exception_ptr) = 0;
};

/** A job that is given one turn after the other, between others' turns, until it says that it has finished. */
struct TurnJob : Job {
  virtual void advance(Worker&) = 0;
};

/** Throws Error cancelled when the job was. */
void check_cancelled(const Job& job);

/** A job done in one go. */
template <typename T>
struct QuickJob : Job {
  std::function<T(Worker&, QuickJob&)> work;
  Done<T> done;
  QuickJob(StateId on, std::function<T(Worker&, QuickJob&)> work, Done<T> done)
      : work(std::move(work)), done(std::move(done)) {
    if (on) states = {on};
  }
  void start(Worker& worker) override {
    T value = work(worker, *this);
    done(std::move(value));
  }
  void fail(std::exception_ptr error) override { done(std::move(error)); }
};

}  // namespace llamba
