#include "engine/worker.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/failure.h"
#include "engine/generation.h"
#include "engine/host_op.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

// Jobs under way at most; more wait. Beyond it a step only gets slower for everyone.
constexpr size_t kMostTogether = 64;

}  // namespace

LoadedModel& Worker::model(ModelId id) {
  auto at = models_.find(id);
  if (at == models_.end()) throw Error("model-not-found", "The model is not loaded.", "Load it again.");
  return at->second;
}

State& Worker::state(StateId id) {
  auto at = states_.find(id);
  if (at == states_.end())
    throw Error("state-not-found", "The state was freed or its model unloaded.", "Create it again.");
  return at->second;
}

ModelId Worker::add_model(std::unique_ptr<Model> model, std::vector<std::string> pieces) {
  ModelId id = ++last_model_;
  model->info().id = id;
  Model& built = *model;
  models_.emplace(id, LoadedModel{std::move(model), std::make_shared<const std::vector<std::string>>(std::move(pieces)),
                                  Batch(built, !on_cpu())});
  return id;
}

void Worker::remove_model(ModelId id) {
  model(id);
  std::erase_if(states_, [&](const auto& entry) { return entry.second.model == id; });
  models_.erase(id);
  mx::clear_cache();
}

StateId Worker::add_state(State state) {
  StateId id = ++last_state_;
  states_.emplace(id, std::move(state));
  return id;
}

void Worker::remove_state(StateId id) {
  state(id);
  states_.erase(id);
}

/** Cancels what works on a model or waits before `index` to do so; whether there is none (any more). */
bool Worker::clear_of(ModelId id, size_t index) {
  bool clear = true;
  auto cancel = [&](Job& job) {
    for (StateId state : job.states) {
      auto at = states_.find(state);
      if (at == states_.end() || at->second.model != id) continue;
      *job.cancelled = true;
      clear = false;
    }
  };
  for (auto& [job, owner] : active_) cancel(*job);
  for (size_t i = 0; i < index; ++i) cancel(*waiting_[i]);
  return clear;
}

bool Worker::may_start(size_t index, const std::set<StateId>& blocked) {
  Job& job = *waiting_[index];
  for (StateId state : job.states)
    if (blocked.count(state)) return false;
  return active_.size() < kMostTogether || !dynamic_cast<TurnJob*>(&job);
}

void Worker::claim(Job& job) {
  active_.emplace(&job, starting_);
  claimed_.insert(job.states.begin(), job.states.end());
}

void Worker::finished(Job& job) {
  if (active_.erase(&job))
    for (StateId state : job.states) claimed_.erase(state);
}

void Worker::run_guarded(Job& job, const std::function<void()>& f) {
  auto found = active_.find(&job);
  std::shared_ptr<Job> alive =
      found == active_.end() ? starting_ : found->second;  // finished() must not end its life here
  try {
    f();
  } catch (...) {
    finished(job);
    job.fail(named(std::current_exception()));
  }
}

void Worker::start_waiting() {
  std::set<StateId> blocked = claimed_;
  for (size_t i = 0; i < waiting_.size();) {
    Job& job = *waiting_[i];
    if (*job.cancelled) {
      std::shared_ptr<Job> gone = waiting_[i];
      waiting_.erase(waiting_.begin() + i);
      run_guarded(*gone, [&] { check_cancelled(*gone); });
      continue;
    }
    if (job.unloads && !clear_of(job.unloads, i)) return;
    if (!may_start(i, blocked)) {
      blocked.insert(job.states.begin(), job.states.end());
      ++i;
      continue;
    }
    starting_ = waiting_[i];
    waiting_.erase(waiting_.begin() + i);
    run_guarded(job, [&] { job.start(*this); });
    starting_.reset();  // the end of a job that was done at once
    blocked.insert(claimed_.begin(), claimed_.end());
  }
}

void Worker::read_one() {
  if (readings.empty()) return;
  // While others generate, reading gets about half of the time: as long as the last chunk took, only steps run.
  if (!generations.empty() && Clock::now() < next_chunk_) return;
  TurnJob* job = readings.front();
  std::rotate(readings.begin(), readings.begin() + 1, readings.end());
  auto began = Clock::now();
  run_guarded(*job, [&] { job->advance(*this); });
  next_chunk_ = Clock::now() + (Clock::now() - began);
}

void Worker::step_all() {
  for (auto& [id, loaded] : models_) {
    std::vector<GenerationJob*> members;
    std::vector<State*> states;
    std::vector<int32_t> tokens;
    std::vector<Sampler*> samplers;
    bool wanted = false;
    for (GenerationJob* job : generations) {
      if (job->at().model != id) continue;
      members.push_back(job);
      states.push_back(&job->at());
      tokens.push_back(job->next);
      samplers.push_back(&job->sampler());
      wanted |= !job->ending();
    }
    if (members.empty()) continue;
    std::vector<int32_t> following;
    try {
      following = loaded.batch.step(states, tokens, wanted ? samplers : std::vector<Sampler*>());
    } catch (...) {
      for (GenerationJob* job : members) run_guarded(*job, [] { throw; });
      continue;
    }
    for (size_t i = 0; i < members.size(); ++i)
      run_guarded(*members[i], [&] { members[i]->stepped(wanted ? std::optional(following[i]) : std::nullopt); });
  }
}

void Worker::turn() {
  start_waiting();
  read_one();
  step_all();
}

void Worker::abandon(std::exception_ptr error) {
  auto active = std::move(active_);
  for (auto& [job, owner] : active) job->fail(error);
  for (auto& job : waiting_) job->fail(error);
  waiting_.clear();
  claimed_.clear();
}

}  // namespace llamba
