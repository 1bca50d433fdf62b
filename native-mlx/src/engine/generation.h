#pragma once

#include <optional>
#include <unordered_set>

#include "engine/reading.h"
#include "engine/sampler.h"
#include "engine/stop.h"

namespace llamba {

/** Feeds a prompt, then tokens of its own choice. After the prompt it steps in its model's batch: the worker feeds the
    token in `next` and hands back what follows. */
struct GenerationJob : ReadingJob {
  GenerationJob(GenerateRequest, Progress, Tokens, Done<GenerateResult>);

  int32_t next = -1;  // emitted and still to be fed
  State& at() { return *at_; }
  /** Whether it ends once `next` is fed, so that nobody needs the logits. */
  bool ending() const { return !result_.reason.empty() || *cancelled; }
  Sampler& sampler() { return *sampler_; }
  /** `next` was fed, and its sampler chose what follows, unless nothing was to: takes it, or ends. */
  void stepped(std::optional<int32_t> following);

 private:
  void begin(Worker&) override;
  void end(Worker&) override;  // of the prompt
  void leave() override;
  void settle(std::exception_ptr error) override { done_(error); }
  void take(int32_t id);
  bool ended();
  void finish();

  GenerateRequest request_;
  Tokens tokens_;
  Done<GenerateResult> done_;
  std::unordered_set<int32_t> stop_ids_;
  std::optional<Sampler> sampler_;
  std::optional<StopStrings> stop_strings_;
  GenerateResult result_{};
  Clock::time_point decoding_;
};

}  // namespace llamba
