#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/job.h"
#include "engine/state_image.h"

namespace llamba {

/** Keeps state files on a thread of its own, one after the other, while the engine thread goes on. */
class Keeper {
 public:
  using Image = std::shared_ptr<const StateImage>;

  /** `give_back` takes an image that was dealt with, on the keeper's thread: its arrays must die on the engine's. */
  explicit Keeper(std::function<void(Image)> give_back);
  /** Finishes what it was given: a checkpoint asked for before the end is there after it. */
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /** `done` is called on the keeper's thread, after the image was given back. */
  void add(Image image, std::string folder, Done<Kept> done);

 private:
  struct Task {
    Image image;
    std::string folder;
    Done<Kept> done;
  };
  void run();

  std::function<void(Image)> give_back_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  bool closing_ = false;
  std::thread thread_;
};

/** Takes the state's image and hands it to the worker's keeper. */
struct KeepJob : Job {
  KeepJob(StateId on, std::string folder, std::string note, Done<Kept> done)
      : folder(std::move(folder)), note(std::move(note)), done(std::move(done)) {
    states = {on};
  }
  void start(Worker& worker) override;
  void fail(std::exception_ptr error) override { done(std::move(error)); }

  std::string folder, note;
  Done<Kept> done;
};

}  // namespace llamba
