#pragma once

#include <cmath>
#include <future>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include "engine/engine.h"
#include "support.h"

namespace llamba::test {

template <typename T>
std::pair<Done<T>, std::future<T>> settle() {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  return {[promise](Outcome<T> outcome) {
            if (auto* error = std::get_if<std::exception_ptr>(&outcome))
              promise->set_exception(*error);
            else
              promise->set_value(std::get<T>(std::move(outcome)));
          },
          std::move(future)};
}

struct Generated {
  GenerateResult result;
  std::vector<int32_t> ids;
};

/** An engine whose calls wait. */
struct Sync {
  Engine engine{{on_gpu() ? "gpu" : "cpu", 2}};

  ModelInfo load(const std::string& path, std::vector<std::string> pieces = {}) {
    auto [done, future] = settle<ModelInfo>();
    engine.load({(fixtures() / path).string(), std::move(pieces)}, {}, done);
    return future.get();
  }
  StateId create(ModelId model) {
    auto [done, future] = settle<StateInfo>();
    engine.create_state(model, done);
    return future.get().id;
  }
  StateId fork(StateId state) {
    auto [done, future] = settle<StateInfo>();
    engine.fork_state(state, done);
    return future.get().id;
  }
  StateInfo info(StateId state) {
    auto [done, future] = settle<StateInfo>();
    engine.state_info(state, done);
    return future.get();
  }
  void free(StateId state) {
    auto [done, future] = settle<std::monostate>();
    engine.free_state(state, done);
    future.get();
  }
  void unload(ModelId model) {
    auto [done, future] = settle<std::monostate>();
    engine.unload(model, done);
    future.get();
  }
  FeedResult feed(StateId state, std::vector<int32_t> ids, int chunk = 0) {
    auto [done, future] = settle<FeedResult>();
    engine.feed({state, std::move(ids), chunk}, {}, done);
    return future.get();
  }
  ScoreResult score(StateId state, std::vector<int32_t> ids, int chunk = 0, int top = 0) {
    auto [done, future] = settle<ScoreResult>();
    engine.score({state, std::move(ids), chunk, top}, {}, done);
    return future.get();
  }
  std::vector<double> likelihoods(ModelId model, std::vector<StateId> states, std::vector<int32_t> ids) {
    auto [done, future] = settle<std::vector<double>>();
    engine.likelihoods({model, std::move(states), std::move(ids)}, {}, done);
    return future.get();
  }
  std::future<Generated> start(GenerateRequest request, JobId* job = nullptr, Tokens also = {}) {
    auto ids = std::make_shared<std::vector<int32_t>>();
    auto promise = std::make_shared<std::promise<Generated>>();
    auto future = promise->get_future();
    JobId id = engine.generate(
        std::move(request), {},
        [ids, also](const std::vector<int32_t>& more) {
          ids->insert(ids->end(), more.begin(), more.end());
          if (also) also(more);
        },
        [ids, promise](Outcome<GenerateResult> outcome) {
          if (auto* error = std::get_if<std::exception_ptr>(&outcome))
            promise->set_exception(*error);
          else
            promise->set_value({std::get<GenerateResult>(outcome), *ids});
        });
    if (job) *job = id;
    return future;
  }
  Generated generate(GenerateRequest request) { return start(std::move(request)).get(); }
};

inline GenerateRequest request(StateId state, std::vector<int32_t> ids, int max_tokens) {
  GenerateRequest r;
  r.state = state;
  r.ids = std::move(ids);
  r.max_tokens = max_tokens;
  return r;
}

inline const std::string kModel = "llamba/q4g64-untied/model";

/** What the state would say next, as the probabilities of 20 tokens: equal for equal states. */
inline std::vector<float> next_of(Sync& s, StateId state) {
  StateId copy = s.fork(state);
  std::vector<float> out = s.score(copy, {1, 2, 3}, 0, 20).top_logprobs;
  s.free(copy);
  return out;
}

/** On a GPU, activations of 16 bits; the default is for float16, which has kModel. */
inline void check_same(const std::vector<float>& a, const std::vector<float>& b, double near = on_gpu() ? 2e-2 : 1e-4) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(near));
}

}  // namespace llamba::test
