// The engine as its callers see it: jobs from other threads, the law of generate, batches, cancelling, errors.
#include <doctest/doctest.h>

#include <cmath>
#include <future>
#include <mutex>
#include <thread>

#include "engine/engine.h"
#include "support.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

template <typename T>
std::pair<Done<T>, std::future<T>> settle() {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  return {[promise](Outcome<T> outcome) {
            if (auto* error = std::get_if<std::exception_ptr>(&outcome)) promise->set_exception(*error);
            else promise->set_value(std::get<T>(std::move(outcome)));
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
          if (auto* error = std::get_if<std::exception_ptr>(&outcome)) promise->set_exception(*error);
          else promise->set_value({std::get<GenerateResult>(outcome), *ids});
        });
    if (job) *job = id;
    return future;
  }
  Generated generate(GenerateRequest request) { return start(std::move(request)).get(); }
};

GenerateRequest request(StateId state, std::vector<int32_t> ids, int max_tokens) {
  GenerateRequest r;
  r.state = state;
  r.ids = std::move(ids);
  r.max_tokens = max_tokens;
  return r;
}

const std::string kModel = "llamba/q4g64-untied/model";

/** What the state would say next, as the probabilities of 20 tokens: equal for equal states. */
std::vector<float> next_of(Sync& s, StateId state) {
  StateId copy = s.fork(state);
  std::vector<float> out = s.score(copy, {1, 2, 3}, 0, 20).top_logprobs;
  s.free(copy);
  return out;
}

void check_same(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-4));
}

}  // namespace

TEST_CASE("The law of generate: the state has the prompt and every emitted token, whatever ended it") {
  for (const std::string& path : {kModel, std::string("llama/q4g64-tied/model")}) {
    CAPTURE(path);
    Sync s;
    std::vector<std::string> pieces;
    for (int i = 0; i < 512; ++i) pieces.push_back("<" + std::to_string(i) + ">");
    ModelInfo model = s.load(path, pieces);
    std::vector<int32_t> prompt = some_ids(20, 512, 1);
    Generated plain = s.generate(request(s.create(model.id), prompt, 12));
    CHECK(plain.result.reason == "length");
    REQUIRE(plain.ids.size() == 12);

    auto check_law = [&](StateId state, const Generated& g, const std::vector<int32_t>& emitted) {
      CHECK(g.ids == emitted);
      CHECK(g.result.prompt_tokens == 20);
      CHECK(g.result.generated_tokens == int64_t(emitted.size()));
      CHECK(g.result.state_tokens == 20 + int64_t(emitted.size()));
      StateId expected = s.create(model.id);
      std::vector<int32_t> all = prompt;
      all.insert(all.end(), emitted.begin(), emitted.end());
      s.feed(expected, all);
      check_same(next_of(s, state), next_of(s, expected));
    };
    auto first = [&](size_t count) { return std::vector<int32_t>(plain.ids.begin(), plain.ids.begin() + count); };

    {
      StateId state = s.create(model.id);
      GenerateRequest r = request(state, prompt, 100);
      r.stop_ids = {plain.ids[5]};
      size_t at = std::find(plain.ids.begin(), plain.ids.end(), plain.ids[5]) - plain.ids.begin();
      Generated g = s.generate(r);
      CHECK(g.result.reason == "stop-id");
      CHECK(g.result.stop_id == plain.ids[5]);
      check_law(state, g, first(at));
    }
    {
      StateId state = s.create(model.id);
      GenerateRequest r = request(state, prompt, 100);
      r.stop_strings = {pieces[plain.ids[6]].substr(1) + pieces[plain.ids[7]].substr(0, 2)};
      Generated g = s.generate(r);
      CHECK(g.result.reason == "stop-string");
      CHECK(g.result.stop_string == r.stop_strings[0]);
      check_law(state, g, first(g.ids.size()));
      CHECK(g.ids.size() <= 8);
    }
    {
      StateId state = s.create(model.id);
      Generated g = s.generate(request(state, prompt, 0));
      CHECK(g.result.reason == "length");
      check_law(state, g, {});
      // Goes on from a state left by generate, without new tokens.
      Generated rest = s.generate(request(state, {}, 12));
      CHECK(rest.ids == plain.ids);
    }
    {
      StateId state = s.create(model.id);
      JobId job = 0;
      std::promise<void> third;
      int count = 0;
      auto future = s.start(request(state, prompt, 1'000'000), &job, [&](const std::vector<int32_t>&) {
        if (++count == 3) third.set_value();
      });
      third.get_future().get();
      s.engine.cancel(job);
      Generated g = future.get();
      CHECK(g.result.reason == "cancelled");
      check_law(state, g, g.ids);
      CHECK(g.ids.size() >= 3);
    }
  }
}

TEST_CASE("Sequences that join and leave a batch each get what they get alone") {
  for (const std::string& path : {kModel, std::string("llama/q4g64-tied/model")}) {
    CAPTURE(path);
    Sync s;
    ModelInfo model = s.load(path);
    constexpr int kCount = 9;
    auto make = [&](int i) {
      GenerateRequest r = request(s.create(model.id), some_ids(3 + 40 * (i % 3), 512, 50 + i), 5 + 7 * i);
      r.sampling.temperature = i % 2 ? 0.9f : 0;
      r.sampling.seed = i;
      r.sampling.repetition_penalty = i % 3 ? 1 : 1.2f;
      return r;
    };
    std::vector<Generated> alone;
    for (int i = 0; i < kCount; ++i) alone.push_back(s.generate(make(i)));
    std::vector<GenerateRequest> requests;
    std::vector<std::future<Generated>> together;
    for (int i = 0; i < kCount; ++i) requests.push_back(make(i));
    for (int i = 0; i < kCount; ++i) together.push_back(s.start(requests[i]));
    for (int i = 0; i < kCount; ++i) {
      CAPTURE(i);
      CHECK(together[i].get().ids == alone[i].ids);
      StateId expected = s.create(model.id);
      std::vector<int32_t> all = requests[i].ids;
      all.insert(all.end(), alone[i].ids.begin(), alone[i].ids.end());
      s.feed(expected, all);
      check_same(next_of(s, requests[i].state), next_of(s, expected));
    }
  }
}

TEST_CASE("Two models step side by side") {
  Sync s;
  ModelInfo a = s.load(kModel), b = s.load("llama/q4g64-tied/model");
  std::vector<int32_t> prompt = some_ids(10, 512, 3);
  auto first = s.start(request(s.create(a.id), prompt, 20)), second = s.start(request(s.create(b.id), prompt, 20));
  std::vector<int32_t> ids_a = first.get().ids, ids_b = second.get().ids;
  CHECK(ids_a == s.generate(request(s.create(a.id), prompt, 20)).ids);
  CHECK(ids_b == s.generate(request(s.create(b.id), prompt, 20)).ids);
}

TEST_CASE("A fork is independent of what it came from") {
  Sync s;
  ModelInfo model = s.load(kModel);
  StateId a = s.create(model.id);
  s.feed(a, some_ids(30, 512, 1));
  std::vector<float> before = next_of(s, a);
  StateId b = s.fork(a);
  s.feed(b, some_ids(30, 512, 2));
  check_same(next_of(s, a), before);
  CHECK(s.info(a).tokens == 30);
  CHECK(s.info(b).tokens == 60);
  s.free(a);
  CHECK(s.info(b).tokens == 60);
  CHECK(code_of([&] { s.info(a); }) == "state-not-found");
}

TEST_CASE("Scores are log-probabilities: of fresh states, of chunks of any size, of a state that went on") {
  Sync s;
  ModelInfo model = s.load("llamba/fp32-untied/model");
  Golden gold = golden("llamba/fp32-untied");
  std::vector<int32_t> ids = ids_of(gold.at("long.input_ids"));
  mx::array logits = gold.at("long.logits_all");
  mx::array logprobs = mx::subtract(logits, mx::logsumexp(logits, -1, true));
  logprobs.eval();
  int V = model.vocabulary;
  for (int chunk : {0, 1, 7, 64}) {
    ScoreResult r = s.score(s.create(model.id), ids, chunk, 3);
    REQUIRE(r.logprobs.size() == ids.size());
    CHECK(std::isnan(r.logprobs[0]));
    for (size_t i = 1; i < ids.size(); ++i)
      CHECK(r.logprobs[i] == doctest::Approx(logprobs.data<float>()[(i - 1) * V + ids[i]]).epsilon(1e-3));
    REQUIRE(r.top_ids.size() == ids.size() * 3);
    for (size_t i = 0; i < ids.size(); ++i) {
      const float* row = logprobs.data<float>() + i * V;
      CHECK(r.top_ids[3 * i] == std::max_element(row, row + V) - row);
      CHECK(r.top_logprobs[3 * i] == doctest::Approx(row[r.top_ids[3 * i]]).epsilon(1e-3));
      CHECK(r.top_logprobs[3 * i] >= r.top_logprobs[3 * i + 1]);
    }
  }
  StateId state = s.create(model.id);
  s.feed(state, {ids.begin(), ids.begin() + 100});
  ScoreResult rest = s.score(state, {ids.begin() + 100, ids.end()});
  CHECK(rest.logprobs[0] == doctest::Approx(logprobs.data<float>()[99 * V + ids[100]]).epsilon(1e-3));
  CHECK(s.info(state).tokens == int64_t(ids.size()));
}

TEST_CASE("A cancelled reading leaves the state as it was") {
  for (const std::string& path : {kModel, std::string("llama/q4g64-tied/model")}) {
    Sync s;
    ModelInfo model = s.load(path);
    StateId state = s.create(model.id);
    s.feed(state, some_ids(10, 512, 1));
    std::vector<float> before = next_of(s, state);
    auto [done, future] = settle<FeedResult>();
    std::promise<void> begun;
    bool once = false;
    JobId job = s.engine.feed({state, some_ids(200'000, 512, 2), 16},
                              [&](int64_t, int64_t) {
                                if (!std::exchange(once, true)) begun.set_value();
                              },
                              done);
    begun.get_future().get();
    s.engine.cancel(job);
    CHECK(code_of([&, f = &future] { f->get(); }) == "cancelled");
    CHECK(s.info(state).tokens == 10);
    check_same(next_of(s, state), before);
  }
}

TEST_CASE("Jobs of one state run in the order they came, and waiting ones can be cancelled") {
  Sync s;
  ModelInfo model = s.load(kModel);
  StateId state = s.create(model.id);
  std::vector<int32_t> a = some_ids(200, 512, 1), b = some_ids(100, 512, 2);
  auto [done_a, future_a] = settle<FeedResult>();
  auto [done_b, future_b] = settle<FeedResult>();
  auto [done_c, future_c] = settle<FeedResult>();
  auto [done_i, future_i] = settle<StateInfo>();
  s.engine.feed({state, a, 16}, {}, done_a);
  JobId gone = s.engine.feed({state, b, 16}, {}, done_b);
  s.engine.cancel(gone);
  s.engine.feed({state, b, 16}, {}, done_c);
  s.engine.state_info(state, done_i);
  CHECK(future_a.get().tokens == 200);
  CHECK(code_of([f = &future_b] { f->get(); }) == "cancelled");
  CHECK(future_c.get().tokens == 300);
  CHECK(future_i.get().tokens == 300);
}

TEST_CASE("Requests that make no sense are refused and the engine goes on") {
  Sync s;
  ModelInfo model = s.load(kModel);
  StateId state = s.create(model.id);
  CHECK(code_of([&] { s.feed(state, {512}); }) == "bad-request");
  CHECK(code_of([&] { s.feed(state, {-1}); }) == "bad-request");
  CHECK(code_of([&] { s.feed(state, {1}, -5); }) == "bad-request");
  CHECK(code_of([&] { s.generate(request(state, {}, 5)); }) == "bad-request");
  CHECK(code_of([&] { s.generate(request(999, {1}, 5)); }) == "state-not-found");
  CHECK(code_of([&] { s.create(77); }) == "model-not-found");
  CHECK(code_of([&] { s.load("no/such/model"); }) == "model-not-found");
  GenerateRequest r = request(state, {1}, 5);
  r.stop_strings = {"x"};
  CHECK(code_of([&] { s.generate(r); }) == "bad-request");
  CHECK(s.info(state).tokens == 0);  // the refused prompt was not fed
  r.stop_strings.clear();
  r.sampling.top_p = 7;
  CHECK(code_of([&] { s.generate(r); }) == "bad-request");
  CHECK(s.generate(request(state, {1}, 5)).ids.size() == 5);
}

TEST_CASE("Unloading cancels the model's work and frees its states, not another's") {
  Sync s;
  ModelInfo a = s.load(kModel), b = s.load("llamba/fp32-untied/model");
  StateId state_a = s.create(a.id), state_b = s.create(b.id);
  std::promise<void> begun;
  bool once = false;
  auto running = s.start(request(state_a, {1}, 1'000'000), nullptr, [&](const std::vector<int32_t>&) {
    if (!std::exchange(once, true)) begun.set_value();
  });
  begun.get_future().get();
  s.unload(a.id);
  CHECK(running.get().result.reason == "cancelled");
  CHECK(code_of([&] { s.info(state_a); }) == "state-not-found");
  CHECK(code_of([&] { s.unload(a.id); }) == "model-not-found");
  CHECK(s.generate(request(state_b, {1}, 3)).ids.size() == 3);
}

TEST_CASE("Closing the engine settles everything under way") {
  std::future<Generated> running, waiting;
  {
    Sync s;
    ModelInfo model = s.load(kModel);
    StateId state = s.create(model.id);
    running = s.start(request(state, {1}, 1'000'000));
    waiting = s.start(request(state, {1}, 10));
  }
  CHECK(code_of([&] { running.get(); }) != "");
  CHECK(code_of([&] { waiting.get(); }) != "");
}

TEST_CASE("A device that is not there is said so") {
  Engine engine({"tpu"});
  auto [done, future] = settle<ModelInfo>();
  engine.load({(fixtures() / kModel).string(), {}}, {}, done);
  CHECK(code_of([f = &future] { f->get(); }) == "bad-request");
}

TEST_CASE("Loading reports bytes and can be cancelled") {
  Sync s;
  auto [done, future] = settle<ModelInfo>();
  int64_t last = 0, total = 0;
  s.engine.load({(fixtures() / kModel).string(), {}}, [&](int64_t d, int64_t t) { last = d, total = t; }, done);
  CHECK(future.get().parameters > 0);
  CHECK(last == total);
  CHECK(total > 400'000);
  auto [done2, future2] = settle<ModelInfo>();
  std::promise<JobId> id;
  auto shared = id.get_future().share();
  JobId job = s.engine.load({(fixtures() / kModel).string(), {}}, [&, shared](int64_t, int64_t) { s.engine.cancel(shared.get()); }, done2);
  id.set_value(job);
  CHECK(code_of([f = &future2] { f->get(); }) == "cancelled");
}

TEST_CASE("Saved and loaded through the engine") {
  TempDir dir;
  Sync s;
  ModelInfo model = s.load(kModel);
  StateId state = s.create(model.id);
  s.feed(state, some_ids(50, 512, 1));
  auto [done, future] = settle<StateInfo>();
  s.engine.save_state(state, dir / "x", "note", done);
  CHECK(future.get().tokens == 50);
  auto [done2, future2] = settle<std::pair<StateInfo, std::string>>();
  s.engine.load_state(model.id, dir / "x", done2);
  auto [info, note] = future2.get();
  CHECK(note == "note");
  CHECK(s.generate(request(info.id, {}, 10)).ids == s.generate(request(state, {}, 10)).ids);
}

TEST_CASE("A thousand cycles of create, feed, generate, cancel and free leave no memory behind") {
  Sync s;
  ModelInfo model = s.load(kModel);
  auto cycle = [&](int i) {
    StateId state = s.create(model.id), copy = s.fork(state);
    s.feed(copy, some_ids(5, 512, i));
    JobId job = 0;
    auto running = s.start(request(copy, {1}, i % 7 ? 3 : 1'000'000), &job);
    if (i % 7 == 0) s.engine.cancel(job);
    code_of([&] { running.get(); });
    s.free(state);
    s.free(copy);
  };
  for (int i = 0; i < 20; ++i) cycle(i);
  size_t before = mx::get_active_memory();
  for (int i = 0; i < 1000; ++i) cycle(i);
  s.info(s.create(model.id));
  int64_t grown = int64_t(mx::get_active_memory()) - int64_t(before);
  CHECK(grown <= model.state_bytes);
}
