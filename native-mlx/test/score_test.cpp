// Scoring through the engine, against logits of the goldens.
#include "engine_support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

TEST_CASE("Scores are log-probabilities: of fresh states, of chunks of any size, of a state that went on") {
  // A GPU computes in 16 bits. In bfloat16, the type chosen for a float32 file, rounding alone moves this random model's
  // log-probabilities by up to 0.6 (numpy, same places as an H100's 1.0); in the float16 of the other file by less than 0.02.
  std::string name = on_gpu() ? "llamba/q4g64-untied" : "llamba/fp32-untied";
  double near = on_gpu() ? 2e-2 : 1e-3;
  Sync s;
  ModelInfo model = s.load(name + "/model");
  Golden gold = golden(name);
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
      CHECK(r.logprobs[i] == doctest::Approx(logprobs.data<float>()[(i - 1) * V + ids[i]]).epsilon(near));
    REQUIRE(r.top_ids.size() == ids.size() * 3);
    for (size_t i = 0; i < ids.size(); ++i) {
      const float* row = logprobs.data<float>() + i * V;
      if (on_gpu())  // of two that are nearly equal, either
        CHECK(*std::max_element(row, row + V) == doctest::Approx(row[r.top_ids[3 * i]]).epsilon(near));
      else
        CHECK(r.top_ids[3 * i] == std::max_element(row, row + V) - row);
      CHECK(r.top_logprobs[3 * i] == doctest::Approx(row[r.top_ids[3 * i]]).epsilon(near));
      CHECK(r.top_logprobs[3 * i] >= r.top_logprobs[3 * i + 1]);
    }
  }
  StateId state = s.create(model.id);
  s.feed(state, {ids.begin(), ids.begin() + 100});
  ScoreResult rest = s.score(state, {ids.begin() + 100, ids.end()});
  CHECK(rest.logprobs[0] == doctest::Approx(logprobs.data<float>()[99 * V + ids[100]]).epsilon(near));
  CHECK(s.info(state).tokens == int64_t(ids.size()));
}
