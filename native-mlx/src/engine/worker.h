#pragma once

#include <deque>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/batch.h"
#include "engine/job.h"
#include "engine/keeper.h"
#include "engine/model.h"
#include "engine/state.h"

namespace llamba {

struct GenerationJob;

struct LoadedModel {
  std::unique_ptr<Model> model;
  std::shared_ptr<const std::vector<std::string>> pieces;
  Batch batch;
};

/** What lives on the engine thread: models, states, and the work under way. */
class Worker {
 public:
  explicit Worker(std::function<void(Keeper::Image)> give_back) : keeper(std::move(give_back)) {}
  /** Takes a job that just arrived. */
  void add(std::shared_ptr<Job> job) { waiting_.push_back(std::move(job)); }
  bool idle() const { return waiting_.empty() && active_.empty(); }
  /** One turn: starts what can start, then one prefill chunk or one step of every batch. */
  void turn();
  /** Fails everything that waits or works. */
  void abandon(std::exception_ptr error);

  LoadedModel& model(ModelId id);  // throws Error model-not-found
  State& state(StateId id);        // throws Error state-not-found
  ModelId add_model(std::unique_ptr<Model> model, std::vector<std::string> pieces);
  void remove_model(ModelId id);  // its states too
  StateId add_state(State state);
  void remove_state(StateId id);

  /** A job goes on beyond start(); its states are its own until it has finished. */
  void claim(Job& job);
  void finished(Job& job);

  std::vector<TurnJob*> readings;           // first = whose turn it is
  std::vector<GenerationJob*> generations;  // in order of joining
  Keeper keeper;

 private:
  void start_waiting();
  bool may_start(size_t index, const std::set<StateId>& blocked);
  bool clear_of(ModelId id, size_t index);
  void read_one();
  void step_all();
  void run_guarded(Job& job, const std::function<void()>& f);

  std::map<ModelId, LoadedModel> models_;
  std::map<StateId, State> states_;  // nodes do not move: jobs hold pointers
  std::deque<std::shared_ptr<Job>> waiting_;
  std::map<Job*, std::shared_ptr<Job>> active_;
  std::set<StateId> claimed_;
  std::shared_ptr<Job> starting_;
  ModelId last_model_ = 0;
  StateId last_state_ = 0;
  Clock::time_point next_chunk_{};
};

}  // namespace llamba
