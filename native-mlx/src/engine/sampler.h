#pragma once

#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/rng.h"

namespace llamba {

/** Picks tokens from logits, on the host: bias, repetition penalty, temperature, top-k, top-p, min-p, in this order.
    Each filter sees what the one before left, renormalized. Always keeps at least the best token. On a GPU a Chooser
    does it for several, with their random numbers. */
class Sampler {
 public:
  /** Throws Error bad-request naming the setting that makes no sense. */
  Sampler(Sampling settings, int vocabulary);
  /** A token id from `logits` [V]; -1 where one is no number. `recent`: the sequence so far, oldest first. */
  int32_t pick(const float* logits, const std::vector<int32_t>& recent);

  const Sampling& settings() const { return settings_; }
  /** Whether it takes the best token, without a random number. */
  bool greedy() const { return settings_.temperature == 0 || settings_.top_k == 1; }
  /** The number, below 1, that the pick after `picks` more ones draws. */
  float draw_after(int picks) const;
  /** Another made the next pick. */
  void picked() {
    if (!greedy()) rng_.next();
  }

 private:
  struct Candidate {
    float logit;
    int32_t id;
    /** Best first; of equals the lower id. */
    bool operator<(const Candidate& o) const { return logit > o.logit || (logit == o.logit && id < o.id); }
  };
  void adjust(const std::vector<int32_t>& recent);
  float bound_of_top_k() const;
  void keep_top_k();
  void keep_top_p(float best);
  int32_t draw(float best);

  Sampling settings_;
  Rng rng_;
  std::vector<float> logits_;          // [V], adjusted
  std::vector<char> seen_;             // [V], scratch of adjust
  std::vector<Candidate> candidates_;  // sorted once a filter has sorted them
};

/** What to say of logits that are NaN or infinite. */
Error no_number();

/** log(sum(exp(logits))) of [V], in double. */
double log_sum_exp(const float* logits, int vocabulary);

/** The `count` best of [V], best first; of equals the lower id first. */
std::vector<int32_t> best_ids(const float* logits, int vocabulary, int count);

}  // namespace llamba
