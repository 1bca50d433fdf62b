// Steps whose tokens the device chooses: one is fed ahead, and undone when nobody wants it.
#include <doctest/doctest.h>

#include "engine/batch.h"
#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

/** One who takes the likeliest. */
struct Greedy {
  std::vector<Sampler> each;
  std::vector<Sampler*> all;
  Greedy(int count, int vocabulary) : each(count, Sampler({}, vocabulary)) {
    for (auto& s : each) all.push_back(&s);
  }
};

State after(const Model& model, const std::vector<int32_t>& prompt) {
  State state = fresh(model);
  feed(model, state, prompt, 0);
  state.recent = prompt;
  return state;
}

int32_t largest(const mx::array& logits) { return int32_t(mx::argmax(mx::flatten(logits)).item<uint32_t>()); }

}  // namespace

TEST_CASE("The device's choices are the greedy ones, and the states have what was fed and nothing else") {
  for (const char* path : {"llamba/q4g64-untied/model", "llama/q4g64-tied/model"}) {
    CAPTURE(path);
    auto model = load(fixtures() / path);
    constexpr int kSteps = 8;
    std::vector<State> states, alone;
    std::vector<std::vector<int32_t>> greedy(2);
    std::vector<int32_t> tokens;
    for (int i = 0; i < 2; ++i) {
      std::vector<int32_t> prompt = some_ids(5 + i, 512, 7 + i);
      for (auto* list : {&states, &alone}) list->push_back(after(*model, prompt));
      int32_t next = prompt[0];
      tokens.push_back(next);
      for (int k = 0; k < kSteps; ++k) greedy[i].push_back(next = largest(feed_stepwise(*model, alone[i], {next})));
    }
    Batch batch(*model, true);
    Greedy two(2, 512), one(1, 512);
    std::vector<State*> members{&states[0], &states[1]};
    for (int k = 0; k < kSteps; ++k) {
      std::vector<int32_t> next = batch.step(members, tokens, two.all);
      REQUIRE(next == std::vector<int32_t>{greedy[0][k], greedy[1][k]});
      CHECK(states[0].tokens() == 5 + k + 1);
      tokens = next;
    }
    batch.release();
    for (int i = 0; i < 2; ++i) {
      CHECK(states[i].tokens() == 5 + i + kSteps);
      CHECK(largest(model->logits(*states[i].hidden)) == greedy[i].back());
      // Another token than the one fed ahead, and alone.
      std::vector<int32_t> other{(greedy[i].back() + 1) % 512};
      mx::array expected = feed_stepwise(*model, alone[i], other);
      CHECK(batch.step({&states[i]}, other, one.all)[0] == largest(expected));
      batch.release();
      CHECK(relative(model->logits(*states[i].hidden), expected) < 10 * tolerance());
    }
  }
}

TEST_CASE("Another token than the one fed ahead undoes it") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  State state = fresh(*model), plain = fresh(*model);
  Batch batch(*model, true);
  Greedy one(1, 512);
  int32_t first = batch.step({&state}, {3}, one.all)[0], other = (first + 5) % 512;
  batch.step({&state}, {other}, one.all);
  batch.release();
  mx::array logits = feed_stepwise(*model, plain, {3, other});
  CHECK(relative(model->logits(*state.hidden), mx::slice(logits, {1, 0}, {2, logits.shape(1)})) < tolerance());
}

TEST_CASE("Sequences whose tokens the device samples ahead get what a Sampler picks") {
  for (const char* path : {"llamba/q4g64-untied/model", "llama/q4g64-tied/model"}) {
    CAPTURE(path);
    auto model = load(fixtures() / path);
    constexpr int kCount = 4;
    std::vector<State> states, alone;
    std::vector<Sampler> samplers, plain;
    std::vector<int32_t> next;
    for (int i = 0; i < kCount; ++i) {
      Sampling s;
      s.temperature = i == 3 ? 0 : 0.9f;
      s.top_k = i == 1 ? 7 : 0;
      s.top_p = i == 2 ? 0.8f : 1;
      s.repetition_penalty = i ? 1.3f : 1;
      s.repetition_window = 5 + 3 * i;
      s.seed = 40 + i;
      for (auto* list : {&samplers, &plain}) list->push_back(Sampler(s, 512));
      std::vector<int32_t> prompt = some_ids(3 + 4 * i, 512, 60 + i);
      for (auto* list : {&states, &alone}) list->push_back(after(*model, prompt));
      next.push_back(prompt[0]);
    }
    Batch batch(*model, true);
    auto steps = [&](std::vector<int> who, int count) {
      for (int k = 0; k < count; ++k) {
        std::vector<State*> members;
        std::vector<Sampler*> choosers;
        std::vector<int32_t> tokens, expected;
        for (int i : who) {
          members.push_back(&states[i]);
          choosers.push_back(&samplers[i]);
          tokens.push_back(next[i]);
          mx::array logits = feed_stepwise(*model, alone[i], {next[i]});
          alone[i].recent = states[i].recent;
          alone[i].recent.push_back(next[i]);
          expected.push_back(plain[i].pick(logits.data<float>(), alone[i].recent));
        }
        std::vector<int32_t> got = batch.step(members, tokens, choosers);
        if (!on_gpu()) CHECK(got == expected);  // where one row and several are the same product
        for (size_t j = 0; j < who.size(); ++j) {
          next[who[j]] = k == 2 ? (expected[j] + 1) % 512 : expected[j];  // another than the one fed ahead
        }
      }
    };
    steps({0}, 4);
    steps({0, 1}, 5);
    steps({0, 1, 2, 3}, 6);
    steps({2, 3}, 4);
    batch.step({&states[2], &states[3]}, {next[2], next[3]}, {});  // the last tokens: nothing is to follow
    batch.release();
    for (int i : {2, 3}) feed_stepwise(*model, alone[i], {next[i]});
    steps({1, 2}, 3);
    steps({3}, 2);
    CHECK(states[0].tokens() == alone[0].tokens());
  }
}

TEST_CASE("Logits that are no numbers give no token") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  Sampling s;
  s.temperature = 0.7f;
  for (const Sampling& settings : {Sampling{}, s}) {
    State state = fresh(*model);
    state.rows.arrays[1] = mx::full(state.rows.arrays[1].shape(), NAN);
    Sampler sampler(settings, 512);
    for (bool ahead : {true, false}) {
      Batch batch(*model, ahead);
      CHECK(batch.step({&state}, {3}, {&sampler}) == std::vector<int32_t>{-1});
      batch.release();
    }
  }
}
