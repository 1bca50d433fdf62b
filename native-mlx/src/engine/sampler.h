#pragma once

#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/rng.h"

namespace llamba {

/** Picks tokens from logits, on the host: bias, repetition penalty, temperature, top-k, top-p, min-p, in this order.
    Each filter sees what the one before left, renormalized. Always keeps at least the best token. */
class Sampler {
 public:
  /** Throws Error bad-request naming the setting that makes no sense. */
  Sampler(Sampling settings, int vocabulary);
  /** A token id from `logits` [V]. `recent`: the sequence so far, oldest first. Throws Error internal on a NaN. */
  int32_t pick(const float* logits, const std::vector<int32_t>& recent);

 private:
  struct Candidate {
    float logit;
    int32_t id;
    /** Best first; of equals the lower id. */
    bool operator<(const Candidate& o) const { return logit > o.logit || (logit == o.logit && id < o.id); }
  };
  void adjust(const std::vector<int32_t>& recent);
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
