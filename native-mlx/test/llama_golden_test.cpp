// Llama against mlx-lm's numbers (test/fixtures/llama): logits, keys and values, greedy tokens.
#include <doctest/doctest.h>

#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

constexpr const char* kCases[] = {"llama/q4g64-tied", "llama/bf16-untied"};

void check_cache(const Model& model, const State& state, const Golden& gold, const std::string& prompt) {
  Rows rows = model.to_file(state.rows);
  size_t last = rows.arrays.size() - 2;
  for (auto [tag, at] : {std::pair("first", size_t(0)), std::pair("last", last)}) {
    auto keys = gold.find(prompt + "." + tag + ".keys");
    if (keys == gold.end()) continue;
    CHECK(relative(rows.arrays[at], keys->second) < tolerance());
    CHECK(relative(rows.arrays[at + 1], gold.at(prompt + "." + tag + ".values")) < tolerance());
  }
}

}  // namespace

TEST_CASE("Llama equals the goldens for every chunk size and step by step") {
  for (const char* name : kCases) {
    auto model = load(fixtures() / name / "model");
    Golden gold = golden(name);
    for (const char* prompt : {"one", "short", "long"})
      for (int chunk : {0, 1, 7, 64, 4096}) {  // 0: by steps
        CAPTURE(name);
        CAPTURE(prompt);
        CAPTURE(chunk);
        State state = fresh(*model);
        std::vector<int32_t> ids = ids_of(gold.at(std::string(prompt) + ".input_ids"));
        mx::array logits = chunk ? feed(*model, state, ids, chunk) : feed_stepwise(*model, state, ids);
        int length = logits.shape(0);
        CHECK(relative(mx::slice(logits, {length - 1, 0}, logits.shape()),
                       gold.at(std::string(prompt) + ".logits_last")) < tolerance());
        auto all = gold.find(std::string(prompt) + ".logits_all");
        if (all != gold.end()) CHECK(relative(logits, all->second) < tolerance());
        check_cache(*model, state, gold, prompt);
      }
  }
}

TEST_CASE("Llama chooses the goldens' greedy tokens") {
  for (const char* name : kCases) {
    CAPTURE(name);
    auto model = load(fixtures() / name / "model");
    Golden gold = golden(name);
    check_greedy(*model, gold);
  }
}

TEST_CASE("Going back in a Llama's cache is forgetting the later tokens") {
  auto model = load(fixtures() / "llama/q4g64-tied/model");
  std::vector<int32_t> ids = some_ids(300, model->info().vocabulary, 4),
                       other = some_ids(20, model->info().vocabulary, 5);
  State state = fresh(*model), expected = fresh(*model);
  feed(*model, state, ids, 64);
  feed(*model, expected, ids, 64);
  Rows mark = model->bookmark(state.rows);
  feed(*model, state, some_ids(50, model->info().vocabulary, 6), 64);
  state.rows = model->rewind(mark, state.rows);
  mx::array got = feed(*model, state, other, 64), wanted = feed(*model, expected, other, 64);
  CHECK(state.tokens() == 320);
  CHECK(relative(got, wanted) < tolerance() / 10);
}
