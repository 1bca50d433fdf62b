#pragma once

#include <vector>

#include "engine/job.h"
#include "engine/model.h"
#include "engine/state.h"
#include "engine/worker.h"

namespace llamba {

/** log P of the same ids after each of several states. A turn takes as many of them as a chunk of one sequence has room
    for: what each feeds are rows of one product. Nothing is changed: rows are snapshots, and what is fed is dropped. */
struct LikelihoodsJob : TurnJob {
  LikelihoodsJob(LikelihoodsRequest, Progress, Done<std::vector<double>>);

  void start(Worker&) override;
  void advance(Worker&) override;
  void fail(std::exception_ptr) override;

 private:
  /** Of the states from..to. */
  std::vector<double> of(Worker&, size_t from, size_t to) const;

  LikelihoodsRequest request_;
  Progress progress_;
  Done<std::vector<double>> done_;
  const Model* model_ = nullptr;
  Worker* worker_ = nullptr;
  std::vector<double> sums_;  // of the states that had their turn
};

}  // namespace llamba
