#include "engine/chooser.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kBlock = 64;  // logits of which one has the largest, so that few need to be sorted

struct Candidates {
  mx::array values, ids;  // [B, N]
};

mx::array first(const mx::array& a, int count) { return mx::slice(a, {0, 0}, {a.shape(0), count}); }
mx::array last(const mx::array& a) { return mx::slice(a, {0, a.shape(1) - 1}, a.shape()); }

/** Ids of x [B, N], largest first, of equals the first. */
mx::array descending(const mx::array& x) { return mx::argsort(mx::negative(x), 1); }

/** x [B, V] in whole blocks: [B, V / kBlock, kBlock], the last one filled up with `value`. */
mx::array in_blocks(const mx::array& x, float value) {
  int rows = x.shape(0), size = x.shape(1), blocks = (size + kBlock - 1) / kBlock, lacking = blocks * kBlock - size;
  mx::array whole = lacking ? mx::concatenate({x, mx::full({rows, lacking}, value)}, 1) : x;
  return mx::reshape(whole, {rows, blocks, kBlock});
}

/** The `count` largest of each row, largest first. They are in those `count` blocks that have the largest maxima. */
Candidates largest(const mx::array& x, int count) {
  int rows = x.shape(0), size = x.shape(1);
  if (int64_t(count) * kBlock >= size) {
    mx::array ids = first(descending(x), std::min(count, size));
    return {mx::take_along_axis(x, ids, 1), ids};
  }
  mx::array blocks = in_blocks(x, -INFINITY);
  mx::array at = mx::expand_dims(mx::sort(first(descending(mx::max(blocks, 2)), count), 1), 2);
  mx::array values = mx::reshape(mx::take_along_axis(blocks, at, 1), {rows, count * kBlock});
  mx::array ids = at * mx::array(uint32_t(kBlock)) + mx::arange(0, kBlock, mx::uint32);
  ids = mx::reshape(ids, {rows, count * kBlock});
  mx::array best = first(descending(values), count);
  return {mx::take_along_axis(values, best, 1), mx::take_along_axis(ids, best, 1)};
}

/** The first of sums [B, N] above the target [B, 1]. */
mx::array first_above(const mx::array& sums, const mx::array& target) {
  return mx::argmax(mx::greater(sums, target), 1, true);
}

/** In order of id, of all weights [B, V]: of sums of blocks, then in one. Draws [B, 1]. */
mx::array draw_of_all(const mx::array& weights, const mx::array& draws) {
  mx::array blocks = in_blocks(weights, 0);
  mx::array sums = mx::cumsum(mx::sum(blocks, 2), 1);
  mx::array target = draws * last(sums), block = first_above(sums, target);
  mx::array own = mx::squeeze(mx::take_along_axis(blocks, mx::expand_dims(block, 2), 1), 1);
  mx::array before = mx::where(mx::equal(block, mx::array(0u)), mx::array(0.0f),
                               mx::take_along_axis(sums, mx::maximum(block, mx::array(1u)) - mx::array(1u), 1));
  return block * mx::array(uint32_t(kBlock)) + first_above(mx::cumsum(own, 1) + before, target);
}

bool all(const Sampling& s) { return s.top_k == 0 && s.top_p >= 1; }

/** What rows of logits have to go through. */
struct Plan {
  bool bias = false;
  bool all = false, some = false;  // rows that draw from all tokens, rows that filter
  int most = 0;                    // candidates of the latter
};

// Chooser::settings_ by name: columns [B, 1], then which of a window is the row's own [B, W], and the bias [B, V].
enum { kScale, kTopK, kTopP, kMinP, kAll, kPenalty, kOwn, kBias };

mx::array choose(const mx::array& logits, const mx::array* window, const mx::array& draws, const Plan& plan,
                 const mx::array* settings) {
  mx::array x = mx::squeeze(logits, 1);
  if (plan.bias) x = x + settings[kBias];
  if (window) {
    mx::array ids = mx::where(settings[kOwn], *window, last(*window)), seen = mx::take_along_axis(x, ids, 1);
    const mx::array& penalty = settings[kPenalty];
    seen = mx::where(mx::greater(seen, mx::array(0.0f)), seen / penalty, seen * penalty);
    x = mx::put_along_axis(x, ids, seen, 1);
  }
  mx::array best = mx::max(x, 1, true), chosen = mx::array(0u);
  mx::array least = best + settings[kMinP], none = mx::array(0.0f);
  auto weights = [&](const mx::array& v) { return mx::exp((v - best) * settings[kScale]); };
  if (plan.all) chosen = draw_of_all(mx::where(mx::greater_equal(x, least), weights(x), none), draws);
  if (plan.some) {
    Candidates top = largest(x, plan.most);
    mx::array rank = mx::arange(0, top.ids.shape(1), mx::int32);
    mx::array plain = mx::where(mx::less(rank, settings[kTopK]), weights(top.values), none);
    mx::array before = mx::cumsum(plain, 1, false, false), total = mx::sum(plain, 1, true);
    mx::array kept = mx::logical_and(mx::less(before, settings[kTopP] * total), mx::greater_equal(top.values, least));
    mx::array sums = mx::cumsum(mx::where(kept, plain, none), 1);
    mx::array id = mx::take_along_axis(top.ids, first_above(sums, draws * last(sums)), 1);
    chosen = plan.all ? mx::where(settings[kAll], chosen, id) : id;
  }
  return mx::squeeze(mx::where(mx::isfinite(best), mx::astype(chosen, mx::int32), mx::array(-1)), 1);
}

/** The largest of logits [B, 1, V], of equals the first. */
mx::array greedy(const mx::array& logits) {
  mx::array rows = mx::squeeze(logits, 1);
  return mx::where(mx::isfinite(mx::max(rows, -1)), mx::astype(mx::argmax(rows, -1), mx::int32), mx::array(-1));
}

}  // namespace

Chooser::Chooser(std::function<mx::array(const mx::array&)> logits, int size, std::vector<Sampler*> samplers)
    : samplers_(std::move(samplers)) {
  greedy_ = std::all_of(samplers_.begin(), samplers_.end(), [](const Sampler* s) {
    return s->greedy() && s->settings().repetition_penalty == 1 && s->settings().logit_bias.empty();
  });
  if (greedy_) {
    choose_ = mx::compile([logits](const std::vector<mx::array>& in) {
      return std::vector<mx::array>{greedy(logits(in[0]))};
    });
    return;
  }
  int rows = int(samplers_.size());
  Plan plan;
  for (const Sampler* sampler : samplers_) {
    const Sampling& s = sampler->settings();
    plan.bias |= !s.logit_bias.empty();
    if (s.repetition_penalty != 1) window_ = std::max(window_, s.repetition_window);
    bool whole = !sampler->greedy() && all(s);
    (whole ? plan.all : plan.some) = true;
    if (!whole) plan.most = std::max(plan.most, sampler->greedy() ? 1 : s.top_k > 0 ? std::min(s.top_k, size) : size);
  }
  std::vector<float> scale, top_p, min_p, penalty, bias(plan.bias ? size_t(rows) * size : 1);
  std::vector<int32_t> top_k;
  std::vector<bool> whole, own;
  for (int r = 0; r < rows; ++r) {
    const Sampling& s = samplers_[r]->settings();
    bool one = samplers_[r]->greedy();
    scale.push_back(one ? 1 : 1 / s.temperature);
    top_k.push_back(one ? 1 : s.top_k > 0 ? s.top_k : size);
    top_p.push_back(s.top_p < 1 ? std::max(s.top_p, 1e-7f) : 2);  // more than all
    min_p.push_back(!one && s.min_p > 0 ? std::log(s.min_p) * s.temperature : -INFINITY);
    whole.push_back(!one && all(s));
    penalty.push_back(s.repetition_window > 0 ? s.repetition_penalty : 1);
    for (int i = 0; i < window_; ++i) own.push_back(i >= window_ - std::max(1, s.repetition_window));
    for (const auto& [id, value] : s.logit_bias) bias[size_t(r) * size + id] += value;
  }
  auto column = [&](const auto& values, mx::Dtype dtype) { return mx::array(values.begin(), {rows, 1}, dtype); };
  settings_ = {column(scale, mx::float32), column(top_k, mx::int32),  column(top_p, mx::float32),
               column(min_p, mx::float32), column(whole, mx::bool_), column(penalty, mx::float32)};
  settings_.push_back(window_ ? mx::array(own.begin(), {rows, window_}, mx::bool_) : mx::array(true));
  settings_.push_back(plan.bias ? mx::array(bias.begin(), {rows, size}, mx::float32) : mx::array(0.0f));
  choose_ = mx::compile([logits, plan, windows = window_ > 0](const std::vector<mx::array>& in) {
    const mx::array* window = windows ? &in[1] : nullptr;
    const mx::array* more = &in[windows ? 2 : 1];
    mx::array ids = choose(logits(in[0]), window, more[0], plan, more + 1);
    std::vector<mx::array> out{ids};
    if (window)
      out.push_back(mx::concatenate(
          {mx::slice(*window, {0, 1}, window->shape()), mx::expand_dims(mx::maximum(ids, mx::array(0)), 1)}, 1));
    return out;
  });
}

Chooser::Choice Chooser::operator()(const mx::array& hidden, std::vector<mx::array> windows, int pending) const {
  std::vector<mx::array> in{hidden};
  in.insert(in.end(), windows.begin(), windows.end());
  if (!greedy_) {
    std::vector<float> draws;
    for (const Sampler* s : samplers_) draws.push_back(s->draw_after(pending));
    in.push_back(mx::array(draws.begin(), {int(draws.size()), 1}));
    in.insert(in.end(), settings_.begin(), settings_.end());
  }
  std::vector<mx::array> out = choose_(in);
  return {out[0], {out.begin() + 1, out.end()}};
}

std::vector<mx::array> Chooser::windows_of(const std::vector<State*>& states) const {
  if (window_ == 0) return {};
  std::vector<int32_t> all;
  for (const State* state : states) {
    const std::vector<int32_t>& recent = state->recent;
    size_t count = std::min(recent.size(), size_t(window_));
    // Where it is short, its newest token: that one is in every window.
    all.insert(all.end(), window_ - count, recent.back());
    all.insert(all.end(), recent.end() - count, recent.end());
  }
  return {mx::array(all.begin(), {int(states.size()), window_})};
}

}  // namespace llamba
