// The same ids behind several states at once, against each alone.
#include <numeric>

#include "engine/error.h"
#include "engine/prefill.h"
#include "engine_support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

const std::vector<std::string> kModels{"llamba/q4g64-untied", "llamba/fp32-untied", "llama/q4g64-tied"};
// 150 are more than a chunk of the CPU; of 2, one turn takes all states; of 50, two.
const std::vector<int> kLengths{1, 2, 50, 150};

/** States that have read texts of different lengths. */
std::vector<StateId> some_states(Sync& s, const ModelInfo& model) {
  std::vector<StateId> states;
  for (int length : {1, 3, 70, 200, 31}) {
    states.push_back(s.create(model.id));
    s.feed(states.back(), some_ids(length, model.vocabulary, uint64_t(length)));
  }
  return states;
}

std::string code_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code;
  }
  return "none";
}

}  // namespace

TEST_CASE("A chunk of several sequences gives each what it gets alone") {
  for (const std::string& name : kModels) {
    CAPTURE(name);
    auto model = load(fixtures() / name / "model");
    int vocabulary = model->info().vocabulary;
    std::vector<int32_t> ids = some_ids(40, vocabulary, 9);
    std::vector<Rows> before, alone;
    std::vector<mx::array> expected;
    for (int length : {1, 20, 3}) {
      State state = fresh(*model);
      feed(*model, state, some_ids(length, vocabulary, uint64_t(length)), 0);
      before.push_back(state.rows);
      expected.push_back(feed_rows(*model, ids, state.rows, ids.size(), {}));
      alone.push_back(state.rows);
    }
    Rows together = model->stack(before);
    mx::array hidden = feed_rows(*model, ids, together, ids.size(), {});
    CHECK(relative(hidden, mx::concatenate(std::move(expected), 0)) < tolerance());
    std::vector<Rows> split = model->split(together);
    for (size_t i = 0; i < split.size(); ++i) {
      CHECK(split[i].tokens == alone[i].tokens);
      Rows got = model->to_file(split[i]), wanted = model->to_file(alone[i]);
      for (size_t k = 0; k < got.arrays.size(); ++k) CHECK(relative(got.arrays[k], wanted.arrays[k]) < tolerance());
    }
  }
}

TEST_CASE("Likelihoods are the sums of scores, and change no state") {
  for (const std::string& name : kModels) {
    CAPTURE(name);
    Sync s;
    ModelInfo model = s.load(name + "/model");
    std::vector<StateId> states = some_states(s, model);
    std::vector<std::vector<float>> before;
    for (StateId state : states) before.push_back(next_of(s, state));
    for (int length : kLengths) {
      CAPTURE(length);
      std::vector<int32_t> ids = some_ids(length, model.vocabulary, 5);
      std::vector<double> together = s.likelihoods(model.id, states, ids);
      REQUIRE(together.size() == states.size());
      for (size_t i = 0; i < states.size(); ++i) {
        std::vector<float> each = s.score(s.fork(states[i]), ids).logprobs;
        double sum = std::accumulate(each.begin(), each.end(), 0.0);
        CHECK(together[i] == doctest::Approx(sum).epsilon(on_gpu() ? 2e-2 : 1e-5));
      }
    }
    for (size_t i = 0; i < states.size(); ++i) CHECK(next_of(s, states[i]) == before[i]);
    CHECK(s.likelihoods(model.id, states, {}) == std::vector<double>(states.size(), 0));
    CHECK(s.likelihoods(model.id, {}, {1, 2}).empty());
    double two = s.likelihoods(model.id, {states[2], states[2]}, {7})[0];
    double one = s.likelihoods(model.id, {states[2]}, {7})[0];
    CHECK(std::abs(two - one) <= (on_gpu() ? 1e-3 * std::abs(one) : 0));  // there one row is another product than two
  }
}

TEST_CASE("Likelihoods refuse states that are fresh, freed or another model's, and end when cancelled") {
  Sync s;
  ModelInfo model = s.load(kModel), other = s.load(kModels[2] + "/model");
  std::vector<StateId> states = some_states(s, model);
  StateId unfed = s.create(model.id), foreign = some_states(s, other)[0];
  CHECK(code_of([&] { s.likelihoods(model.id, {states[0], unfed}, {1}); }) == "bad-request");
  CHECK(code_of([&] { s.likelihoods(model.id, {states[0], foreign}, {1}); }) == "bad-request");
  CHECK(code_of([&] { s.likelihoods(model.id, states, {model.vocabulary}); }) == "bad-request");
  CHECK(code_of([&] { s.likelihoods(model.id, {states[0], 12345}, {1}); }) == "state-not-found");
  CHECK(code_of([&] { s.likelihoods(12345, states, {1}); }) == "model-not-found");

  std::vector<StateId> many(2000, states[3]);
  auto [done, future] = settle<std::vector<double>>();
  std::atomic<JobId> job = 0;
  std::atomic<int64_t> told = 0;
  job = s.engine.likelihoods({model.id, many, some_ids(100, model.vocabulary, 1)},
                             [&](int64_t part, int64_t) {
                               told = part;
                               while (job == 0) std::this_thread::yield();
                               s.engine.cancel(job);
                             },
                             done);
  CHECK(code_of([&] { future.get(); }) == "cancelled");
  CHECK(told == std::max(1, suitable_chunk() / 100));  // the states of one turn
  CHECK(s.info(states[3]).tokens == 200);
}

TEST_CASE("Likelihoods wait for what was asked of their states before") {
  Sync s;
  ModelInfo model = s.load(kModel);
  StateId first = s.create(model.id), second = s.create(model.id);
  std::vector<int32_t> text = some_ids(300, model.vocabulary, 4);
  auto [fed, feeding] = settle<FeedResult>();
  auto [fed_too, feeding_too] = settle<FeedResult>();
  s.engine.feed({first, text, 16}, {}, fed);
  s.engine.feed({second, {1}, 16}, {}, fed_too);
  std::vector<double> queued = s.likelihoods(model.id, {second, first}, {5, 6});
  CHECK(queued == s.likelihoods(model.id, {second, first}, {5, 6}));
  CHECK(feeding.get().tokens == 300);
  CHECK(feeding_too.get().tokens == 1);
}
