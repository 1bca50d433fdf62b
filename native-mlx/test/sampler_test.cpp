// The sampler against independent formulas: which tokens may come, and how often.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/rng.h"
#include "engine/sampler.h"
#include "support.h"

using namespace llamba;
using namespace llamba::test;

namespace {

constexpr int kV = 1000;

std::vector<float> some_logits(uint64_t seed, int count = kV, float scale = 3) {
  Rng rng(seed);
  std::vector<float> out(count);
  for (auto& v : out) {  // roughly normal: a sum of uniforms
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += rng.uniform();
    v = float(sum - 6) * scale;
  }
  return out;
}

/** Probabilities after all filters, written down anew: sort, cut, renormalize. */
std::map<int, double> expected(std::vector<float> logits, const Sampling& s) {
  std::vector<std::pair<double, int>> order;
  for (int i = 0; i < int(logits.size()); ++i) order.push_back({logits[i] / s.temperature, i});
  std::sort(order.begin(), order.end(), [](auto a, auto b) { return a.first > b.first; });
  auto normalize = [&] {
    double best = order[0].first, total = 0;
    std::vector<double> p;
    for (auto& [l, i] : order) total += std::exp(l - best);
    for (auto& [l, i] : order) p.push_back(std::exp(l - best) / total);
    return p;
  };
  if (s.top_k) order.resize(std::min(order.size(), size_t(s.top_k)));
  std::vector<double> p = normalize();
  size_t keep = 0;
  for (double sum = 0; keep < p.size() && sum < s.top_p; ++keep) sum += p[keep];
  if (s.top_p < 1) order.resize(std::max<size_t>(keep, 1));
  p = normalize();
  size_t strong = 0;
  while (strong < p.size() && p[strong] >= s.min_p * p[0]) ++strong;
  order.resize(strong);
  p = normalize();
  std::map<int, double> out;
  for (size_t i = 0; i < order.size(); ++i) out[order[i].second] = p[i];
  return out;
}

}  // namespace

TEST_CASE("Greedy takes the largest, of equals the lowest id") {
  std::vector<float> logits = some_logits(1);
  Sampler sampler({}, kV);
  CHECK(sampler.pick(logits.data(), {}) == std::max_element(logits.begin(), logits.end()) - logits.begin());
  logits[700] = logits[31] = logits[500] = 50;
  CHECK(sampler.pick(logits.data(), {}) == 31);
}

TEST_CASE("Sampled frequencies are the formula's, for every mix of filters") {
  struct Mix {
    float temperature;
    int top_k;
    float top_p, min_p;
  };
  for (Mix m :
       {Mix{1, 0, 1, 0}, Mix{0.7f, 0, 1, 0}, Mix{1.5f, 20, 1, 0}, Mix{1, 0, 0.9f, 0}, Mix{1, 0, 1, 0.05f},
        Mix{1, 50, 0.8f, 0}, Mix{0.8f, 40, 0.95f, 0.1f}, Mix{2, 0, 0.99f, 0}, Mix{1, 0, 0, 0}, Mix{1, 5000, 1, 0}}) {
    CAPTURE(m.temperature);
    CAPTURE(m.top_k);
    CAPTURE(m.top_p);
    CAPTURE(m.min_p);
    std::vector<float> logits = some_logits(7);
    Sampling s;
    s.temperature = m.temperature;
    s.top_k = m.top_k;
    s.top_p = m.top_p;
    s.min_p = m.min_p;
    s.seed = 5;
    auto wanted = expected(logits, s);
    Sampler sampler(s, kV);
    constexpr int kDraws = 20'000;
    std::map<int, int> seen;
    for (int i = 0; i < kDraws; ++i) ++seen[sampler.pick(logits.data(), {})];
    double chi = 0;
    int bins = 0;
    for (auto [id, count] : seen) CHECK(wanted.count(id));
    for (auto [id, p] : wanted) {
      if (p * kDraws < 10) continue;
      chi += (seen[id] - p * kDraws) * (seen[id] - p * kDraws) / (p * kDraws);
      ++bins;
    }
    CHECK(chi < bins + 6 * std::sqrt(2.0 * bins));  // six standard deviations; the seed is fixed
  }
}

TEST_CASE("The same seed gives the same tokens, another seed others") {
  std::vector<float> logits = some_logits(2);
  auto run = [&](uint64_t seed) {
    Sampling s;
    s.temperature = 1;
    s.seed = seed;
    Sampler sampler(s, kV);
    std::vector<int32_t> out;
    for (int i = 0; i < 50; ++i) out.push_back(sampler.pick(logits.data(), {}));
    return out;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
  Rng rng(42);  // the generator itself, so that no platform differs
  CHECK(rng.next() == 1546998764402558742ull);
}

TEST_CASE("Repetition penalty divides positive and multiplies negative logits, once, within the window") {
  std::vector<float> logits(kV, -20);
  logits[1] = 10;
  logits[2] = 9;
  logits[3] = 8.9f;
  Sampling s;
  s.repetition_penalty = 1.2f;
  Sampler sampler(s, kV);
  CHECK(sampler.pick(logits.data(), {}) == 1);
  CHECK(sampler.pick(logits.data(), {1}) == 2);        // 10 / 1.2 = 8.33
  CHECK(sampler.pick(logits.data(), {1, 1, 2}) == 3);  // 9 / 1.2 = 7.5
  s.repetition_window = 2;
  Sampler narrow(s, kV);
  CHECK(narrow.pick(logits.data(), {1, 5, 6}) == 1);
  std::vector<float> negative(kV, -20);
  negative[4] = -1;
  negative[5] = -1.1f;
  CHECK(sampler.pick(negative.data(), {4}) == 5);
}

TEST_CASE("Logit bias is added; minus infinity forbids") {
  std::vector<float> logits = some_logits(3);
  int best = int(std::max_element(logits.begin(), logits.end()) - logits.begin());
  Sampling s;
  s.logit_bias = {{best, -INFINITY}, {17, 100}};
  CHECK(Sampler(s, kV).pick(logits.data(), {}) == 17);
}

TEST_CASE("Settings that make no sense and outputs that are no numbers are refused") {
  auto code = [](auto change) {
    Sampling s;
    change(s);
    return code_of([&] { Sampler(s, kV); });
  };
  CHECK(code([](Sampling& s) { s.temperature = -1; }) == "bad-request");
  CHECK(code([](Sampling& s) { s.temperature = NAN; }) == "bad-request");
  CHECK(code([](Sampling& s) { s.top_p = 2; }) == "bad-request");
  CHECK(code([](Sampling& s) { s.top_k = -1; }) == "bad-request");
  CHECK(code([](Sampling& s) { s.repetition_penalty = 0; }) == "bad-request");
  CHECK(code([](Sampling& s) { s.logit_bias = {{kV, 1}}; }) == "bad-request");
  CHECK(code([](Sampling&) {}) == "");
  std::vector<float> logits = some_logits(4);
  logits[500] = NAN;
  CHECK(Sampler({}, kV).pick(logits.data(), {}) == -1);
}

TEST_CASE("log_sum_exp and best_ids") {
  std::vector<float> logits = some_logits(9, 50'001);
  double best = *std::max_element(logits.begin(), logits.end()), sum = 0;
  for (float l : logits) sum += std::exp(double(l) - best);
  CHECK(log_sum_exp(logits.data(), 50'001) == doctest::Approx(best + std::log(sum)).epsilon(1e-7));
  logits[9] = logits[5] = 100;
  logits[7] = 99;
  CHECK(best_ids(logits.data(), 50'001, 3) == std::vector<int32_t>{5, 9, 7});
}
