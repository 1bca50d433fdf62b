// Steps whose tokens the device chooses: one is fed ahead, and undone when nobody wants it.
#include <doctest/doctest.h>

#include "engine/batch.h"
#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

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
      for (auto* list : {&states, &alone}) {
        list->push_back(fresh(*model));
        feed(*model, list->back(), prompt, 0);
      }
      int32_t next = prompt[0];
      tokens.push_back(next);
      for (int k = 0; k < kSteps; ++k) greedy[i].push_back(next = largest(feed_stepwise(*model, alone[i], {next})));
    }
    Batch batch(*model);
    std::vector<State*> members{&states[0], &states[1]};
    for (int k = 0; k < kSteps; ++k) {
      Batch::Next next = batch.step(members, tokens, Batch::Want::kGreedy);
      REQUIRE(next.ids == std::vector<int32_t>{greedy[0][k], greedy[1][k]});
      CHECK(states[0].tokens() == 5 + k + 1);
      tokens = next.ids;
    }
    batch.release();
    for (int i = 0; i < 2; ++i) {
      CHECK(states[i].tokens() == 5 + i + kSteps);
      CHECK(largest(model->logits(*states[i].hidden)) == greedy[i].back());
      // Another token than the one fed ahead, and alone.
      std::vector<int32_t> other{(greedy[i].back() + 1) % 512};
      mx::array expected = feed_stepwise(*model, alone[i], other);
      Batch::Next next = batch.step({&states[i]}, other, Batch::Want::kLogits);
      CHECK(relative(*next.logits, expected) < 10 * tolerance());
      batch.release();
    }
  }
}

TEST_CASE("Another token than the one fed ahead undoes it") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  State state = fresh(*model), plain = fresh(*model);
  Batch batch(*model);
  int32_t first = batch.step({&state}, {3}, Batch::Want::kGreedy).ids[0], other = (first + 5) % 512;
  mx::array got = *batch.step({&state}, {other}, Batch::Want::kLogits).logits;
  mx::array logits = feed_stepwise(*model, plain, {3, other});
  CHECK(relative(got, mx::slice(logits, {1, 0}, {2, logits.shape(1)})) < tolerance());
}

TEST_CASE("Logits that are no numbers give no token") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  State state = fresh(*model);
  state.rows.arrays[1] = mx::full(state.rows.arrays[1].shape(), NAN);
  Batch batch(*model);
  CHECK(batch.step({&state}, {3}, Batch::Want::kGreedy).ids == std::vector<int32_t>{-1});
}
