// What a device chooses against what the Sampler picks.
#include <doctest/doctest.h>

#include "engine/chooser.h"
#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

Sampling settings(float temperature, int top_k, float top_p, float min_p, float penalty = 1, int window = 256) {
  Sampling s;
  s.temperature = temperature;
  s.top_k = top_k;
  s.top_p = top_p;
  s.min_p = min_p;
  s.repetition_penalty = penalty;
  s.repetition_window = window;
  return s;
}

/** Some that are likely and many that are not. */
std::vector<float> some_logits(Rng& rng, int count) {
  std::vector<float> out(count);
  for (auto& v : out) {
    double sum = 0;
    for (int i = 0; i < 6; ++i) sum += rng.uniform();
    v = float(sum - 3) * 6;
  }
  return out;
}

/** Chooses `steps` times for rows of these settings, one choice ahead of what was read; every choice as the Sampler's. */
void check_choices(const std::vector<Sampling>& rows, int vocabulary, int steps) {
  int count = int(rows.size());
  Rng rng(uint64_t(vocabulary) + count);
  std::vector<Sampler> own, plain;
  std::vector<Sampler*> samplers;
  std::vector<State> states(count);
  std::vector<State*> members;
  for (int r = 0; r < count; ++r) {
    Sampling s = rows[r];
    s.seed = 100 + r;
    own.push_back(Sampler(s, vocabulary));
    plain.push_back(Sampler(s, vocabulary));
    states[r].recent = some_ids(1 + 5 * r, vocabulary, r);
  }
  for (int r = 0; r < count; ++r) samplers.push_back(&own[r]), members.push_back(&states[r]);
  Chooser chooser([](const mx::array& x) { return x; }, vocabulary, samplers);
  std::vector<mx::array> windows = chooser.windows_of(members);
  for (int k = 0; k < steps; ++k) {
    std::vector<float> all;
    for (int r = 0; r < count; ++r)
      for (float v : some_logits(rng, vocabulary)) all.push_back(v);
    Chooser::Choice choice = chooser(mx::array(all.begin(), {count, 1, vocabulary}), windows, k == 0 ? 0 : 1);
    windows = choice.windows;
    if (k > 0)
      for (Sampler* s : samplers) s->picked();
    choice.ids.eval();
    for (int r = 0; r < count; ++r) {
      int32_t expected = plain[r].pick(&all[size_t(r) * vocabulary], states[r].recent);
      CAPTURE(r);
      CAPTURE(k);
      CHECK(choice.ids.data<int32_t>()[r] == expected);
      states[r].remember(&expected, 1);
    }
  }
}

}  // namespace

TEST_CASE("A device chooses what the Sampler picks, for every mix of settings and of rows") {
  std::vector<Sampling> mixes{
      settings(0.7f, 40, 1, 0, 1.1f),   settings(1, 40, 0.9f, 0),      settings(0.8f, 50, 0.95f, 0.1f, 1.3f, 3),
      settings(1, 0, 0.9f, 0),          settings(1.5f, 20, 1, 0),      settings(0.9f, 5, 0, 0),
      settings(1, 0, 0.99f, 0.02f, 2),  settings(0, 0, 1, 0, 1.2f, 8), settings(0.5f, 1, 0.5f, 0),
      settings(1, 5000, 0.7f, 0, 1, 0), settings(1, 0, 1, 0),          settings(0.6f, 0, 1, 0.05f, 1.1f, 64)};
  mixes[2].logit_bias = {{17, 3}, {18, -INFINITY}};
  for (const Sampling& s : mixes) {
    CAPTURE(s.top_k);
    CAPTURE(s.top_p);
    check_choices({s}, 1000, 20);
    check_choices({s}, 20'011, 5);
  }
  check_choices(mixes, 3000, 20);
  check_choices({mixes[0], mixes[1], mixes[7]}, 20'011, 10);
  check_choices({mixes[10], mixes[11]}, 20'011, 10);
  check_choices({settings(0, 0, 1, 0), settings(0, 0, 1, 0)}, 1000, 5);
}
