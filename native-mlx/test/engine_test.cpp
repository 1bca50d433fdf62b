// The engine as its callers see it: jobs from other threads, order, cancelling, errors, closing.
#include "engine_support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

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
    JobId job = s.engine.feed(
        {state, some_ids(200'000, 512, 2), 16},
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
  ModelInfo b = s.load("llamba/fp32-untied/model");
  size_t before = mx::get_active_memory();
  ModelInfo a = s.load(kModel);
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
  // MLX counts whole buffers, and one that is reused may be larger than asked for: some slack, far below the weights.
  REQUIRE(a.weight_bytes > 400'000);
  CHECK(mx::get_active_memory() < before + size_t(b.state_bytes) + 50'000);
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
  auto how = [](std::future<Generated>& future) {
    try {
      return future.get().result.reason;
    } catch (const Error& error) {
      return error.code;
    }
  };
  for (auto* future : {&running, &waiting}) {
    std::string end = how(*future);
    CAPTURE(end);
    CHECK((end == "cancelled" || end == "engine-gone"));
  }
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
  s.engine.load(
      {(fixtures() / kModel).string(), {}}, [&](int64_t d, int64_t t) { last = d, total = t; }, done);
  CHECK(future.get().parameters > 0);
  CHECK(last == total);
  CHECK(total > 400'000);
  auto [done2, future2] = settle<ModelInfo>();
  std::promise<JobId> id;
  auto shared = id.get_future().share();
  JobId job = s.engine.load(
      {(fixtures() / kModel).string(), {}}, [&, shared](int64_t, int64_t) { s.engine.cancel(shared.get()); }, done2);
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

TEST_CASE("Reading takes the same memory at any length") {
  Sync s;
  ModelInfo model = s.load(kModel);
  StateId state = s.create(model.id);
  auto peak_of = [&](int tokens) {
    mx::reset_peak_memory();
    s.feed(state, some_ids(tokens, 512, 1), 128);  // several chunks in both, on every device
    return double(mx::get_peak_memory());
  };
  double first = peak_of(2000);
  CHECK(peak_of(30'000) < first * 1.01);
  CHECK(s.info(state).bytes == model.state_bytes + model.width * (on_gpu() ? 2 : 4));
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
  CHECK(grown <= model.state_bytes * (on_gpu() ? 2 : 1));
}
