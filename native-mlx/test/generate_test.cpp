// Generating: the law, and batches whose sequences join and leave.
#include "engine_support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

const std::string kLlama = "llama/q4g64-tied/model";

/** Of check_same. The Llama's bfloat16 rounds eight times as coarsely as the float16 of kModel. */
double near_for(const std::string& path) { return !on_gpu() ? 1e-4 : path == kLlama ? 0.16 : 2e-2; }

}  // namespace

TEST_CASE("The law of generate: the state has the prompt and every emitted token, whatever ended it") {
  for (const std::string& path : {kModel, kLlama}) {
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
      check_same(next_of(s, state), next_of(s, expected), near_for(path));
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
  for (const std::string& path : {kModel, kLlama}) {
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
      std::vector<int32_t> ids = together[i].get().ids, all = requests[i].ids;
      // One row and many are different products on a GPU. In 16 bits a draw near the border of two tokens goes either
      // way, in bfloat16 a near tie of this random model too.
      if (!on_gpu() || (path == kModel && i % 2 == 0)) CHECK(ids == alone[i].ids);
      StateId expected = s.create(model.id);
      all.insert(all.end(), ids.begin(), ids.end());
      s.feed(expected, all);
      check_same(next_of(s, requests[i].state), next_of(s, expected), near_for(path));
    }
  }
}

TEST_CASE("What the device chooses is what the sampler would") {
  Sync s;
  ModelInfo model = s.load(kModel);
  std::vector<int32_t> prompt = some_ids(10, 512, 4);
  GenerateRequest plain = request(s.create(model.id), prompt, 60), sampled = request(s.create(model.id), prompt, 60);
  sampled.sampling.logit_bias = {{0, 0.0f}};  // changes nothing, but is the sampler's work
  CHECK(s.generate(plain).ids == s.generate(sampled).ids);
}

TEST_CASE("Two models step side by side") {
  Sync s;
  ModelInfo a = s.load(kModel), b = s.load(kLlama);
  std::vector<int32_t> prompt = some_ids(10, 512, 3);
  auto first = s.start(request(s.create(a.id), prompt, 20)), second = s.start(request(s.create(b.id), prompt, 20));
  std::vector<int32_t> ids_a = first.get().ids, ids_b = second.get().ids;
  CHECK(ids_a == s.generate(request(s.create(a.id), prompt, 20)).ids);
  CHECK(ids_b == s.generate(request(s.create(b.id), prompt, 20)).ids);
}
