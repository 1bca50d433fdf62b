#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/fast_exp.h"
#include "engine/state.h"

namespace llamba {
namespace {

/** The largest, or NaN where there is one. Lanes, so that it becomes vector code. */
LLAMBA_CLONES float largest(const float* v, int count) {
  constexpr int kLanes = 16;
  float best[kLanes], sum[kLanes] = {};
  std::fill(best, best + kLanes, -INFINITY);
  int i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (int k = 0; k < kLanes; ++k) {
      best[k] = v[i + k] > best[k] ? v[i + k] : best[k];
      sum[k] += v[i + k] * 0.0f;  // NaN for NaN and infinities
    }
  float out = -INFINITY, odd = 0;
  for (int k = 0; k < kLanes; ++k) {
    out = std::max(out, best[k]);
    odd += sum[k];
  }
  for (; i < count; ++i) {
    out = std::max(out, v[i]);
    odd += v[i] * 0.0f;
  }
  if (odd == 0) return out;
  for (int j = 0; j < count; ++j)
    if (std::isnan(v[j])) return v[j];
  return out;
}

constexpr int kTopBlock = 64;  // logits of which one has the largest

/** The largest of each whole block of v. */
LLAMBA_CLONES void block_maxima(const float* v, int blocks, float* out) {
  for (int b = 0; b < blocks; ++b) {
    float best[16];
    for (int k = 0; k < 16; ++k) best[k] = v[b * kTopBlock + k];
    for (int i = 16; i < kTopBlock; i += 16)
      for (int k = 0; k < 16; ++k) best[k] = v[b * kTopBlock + i + k] > best[k] ? v[b * kTopBlock + i + k] : best[k];
    out[b] = *std::max_element(best, best + 16);
  }
}

/** sum of exp((v - best) * scale) */
LLAMBA_CLONES double sum_exp(const float* v, int count, float best, float scale) {
  constexpr int kBlock = 256;  // sums of a block in float, of blocks in double
  double total = 0;
  for (int from = 0; from < count; from += kBlock) {
    int to = std::min(from + kBlock, count);
    float lanes[16] = {};
    int i = from;
    for (; i + 16 <= to; i += 16)
      for (int k = 0; k < 16; ++k) lanes[k] += fast_exp((v[i + k] - best) * scale);
    for (; i < to; ++i) lanes[0] += fast_exp((v[i] - best) * scale);
    for (float lane : lanes) total += lane;
  }
  return total;
}

int32_t argmax(const std::vector<float>& logits, float best) {
  return int32_t(std::find(logits.begin(), logits.end(), best) - logits.begin());
}

void check(const Sampling& s, int vocabulary) {
  auto refuse = [](const std::string& what) { throw Error("bad-request", what, "Correct the sampling settings."); };
  if (!(s.temperature >= 0) || !std::isfinite(s.temperature)) refuse("temperature must be 0 or more");
  if (s.top_k < 0) refuse("top_k must be 0 or more");
  if (!(s.top_p >= 0 && s.top_p <= 1)) refuse("top_p must be from 0 to 1");
  if (!(s.min_p >= 0 && s.min_p <= 1)) refuse("min_p must be from 0 to 1");
  if (!(s.repetition_penalty > 0) || !std::isfinite(s.repetition_penalty)) refuse("repetition_penalty must be above 0");
  if (s.repetition_window < 0 || s.repetition_window > int(State::kRecent))
    refuse("repetition_window must be from 0 to " + std::to_string(State::kRecent));
  for (const auto& [id, bias] : s.logit_bias) {
    if (id < 0 || id >= vocabulary) refuse("logit_bias names token " + std::to_string(id) + ", which the model lacks");
    if (std::isnan(bias)) refuse("logit_bias holds no number");
  }
}

}  // namespace

Error no_number() {
  return Error("internal", "The model's output is not a number.",
               "Start a new conversation; if it happens again, the model file may be damaged.");
}

Sampler::Sampler(Sampling settings, int vocabulary)
    : settings_(std::move(settings)), rng_(settings_.seed), logits_(vocabulary), seen_(vocabulary) {
  check(settings_, vocabulary);
}

void Sampler::adjust(const std::vector<int32_t>& recent) {
  for (const auto& [id, bias] : settings_.logit_bias) logits_[id] += bias;
  float penalty = settings_.repetition_penalty;
  if (penalty == 1) return;
  size_t window = std::min(recent.size(), size_t(settings_.repetition_window));
  auto from = recent.end() - window;
  for (auto id = from; id != recent.end(); ++id) {
    if (seen_[*id]) continue;
    seen_[*id] = 1;
    logits_[*id] = logits_[*id] > 0 ? logits_[*id] / penalty : logits_[*id] * penalty;
  }
  for (auto id = from; id != recent.end(); ++id) seen_[*id] = 0;
}

int32_t Sampler::pick(const float* logits, const std::vector<int32_t>& recent) {
  logits_.assign(logits, logits + logits_.size());
  adjust(recent);
  float best = largest(logits_.data(), int(logits_.size()));
  if (!std::isfinite(best)) return -1;
  if (greedy()) return argmax(logits_, best);

  candidates_.clear();
  float scale = 1.0f / settings_.temperature;
  bool all = settings_.top_k == 0 && settings_.top_p >= 1;
  // min-p does not depend on the other filters (it compares with the best token), so it comes first: few remain then.
  float least = bound_of_top_k();
  if (settings_.min_p > 0 && all) least = best + std::log(settings_.min_p) * settings_.temperature;
  if (all && settings_.min_p == 0) {
    double target = rng_.uniform() * sum_exp(logits_.data(), int(logits_.size()), best, scale), sum = 0;
    for (size_t i = 0; i < logits_.size(); ++i)
      if ((sum += fast_exp((logits_[i] - best) * scale)) > target) return int32_t(i);
    return argmax(logits_, best);
  }
  for (size_t i = 0; i < logits_.size(); ++i)
    if (logits_[i] >= least) candidates_.push_back({logits_[i], int32_t(i)});
  if (settings_.top_k > 0) keep_top_k();
  if (settings_.top_p < 1) keep_top_p(best);
  return draw(best);
}

float Sampler::draw_after(int picks) const {
  if (greedy()) return 0;
  Rng rng = rng_;
  for (int i = 0; i < picks; ++i) rng.next();
  return std::min(float(rng.uniform()), 0x1.fffffep-1f);
}

/** What the best top_k tokens reach, and few others: the top_k-th of the blocks' maxima. */
float Sampler::bound_of_top_k() const {
  size_t blocks = logits_.size() / kTopBlock, k = size_t(settings_.top_k);
  if (k == 0 || k > blocks) return -INFINITY;
  std::vector<float> maxima(blocks);
  block_maxima(logits_.data(), int(blocks), maxima.data());
  std::nth_element(maxima.begin(), maxima.begin() + (k - 1), maxima.end(), std::greater<>());
  return maxima[k - 1];
}

void Sampler::keep_top_k() {
  size_t k = std::min(candidates_.size(), size_t(settings_.top_k));
  std::nth_element(candidates_.begin(), candidates_.begin() + (k - 1), candidates_.end());
  candidates_.resize(k);
  std::sort(candidates_.begin(), candidates_.end());
}

void Sampler::keep_top_p(float best) {
  float scale = 1.0f / settings_.temperature;
  double total = 0;
  for (const auto& c : candidates_) total += fast_exp((c.logit - best) * scale);
  double sum = 0;
  size_t sorted = settings_.top_k > 0 ? candidates_.size() : 0;
  for (size_t kept = 0; kept < candidates_.size(); ++kept) {
    if (kept == sorted) {  // a nucleus is mostly small: sort no more than it needs
      sorted = std::min(candidates_.size(), std::max<size_t>(256, sorted * 8));
      std::partial_sort(candidates_.begin() + kept, candidates_.begin() + sorted, candidates_.end());
    }
    sum += fast_exp((candidates_[kept].logit - best) * scale);
    if (sum >= settings_.top_p * total) {
      candidates_.resize(kept + 1);
      return;
    }
  }
}

int32_t Sampler::draw(float best) {
  float scale = 1.0f / settings_.temperature;
  float least = settings_.min_p > 0 ? best + std::log(settings_.min_p) * settings_.temperature : -INFINITY;
  std::erase_if(candidates_, [&](const Candidate& c) { return c.logit < least; });
  double total = 0, sum = 0;
  for (const auto& c : candidates_) total += fast_exp((c.logit - best) * scale);
  double target = rng_.uniform() * total;
  for (const auto& c : candidates_)
    if ((sum += fast_exp((c.logit - best) * scale)) > target) return c.id;
  return candidates_.back().id;
}

double log_sum_exp(const float* logits, int vocabulary) {
  float best = largest(logits, vocabulary);
  return std::isfinite(best) ? best + std::log(sum_exp(logits, vocabulary, best, 1)) : NAN;
}

std::vector<int32_t> best_ids(const float* logits, int vocabulary, int count) {
  std::vector<int32_t> ids(vocabulary);
  for (int i = 0; i < vocabulary; ++i) ids[i] = i;
  count = std::min(count, vocabulary);
  std::partial_sort(ids.begin(), ids.begin() + count, ids.end(),
                    [&](int32_t a, int32_t b) { return logits[a] > logits[b] || (logits[a] == logits[b] && a < b); });
  ids.resize(count);
  return ids;
}

}  // namespace llamba
