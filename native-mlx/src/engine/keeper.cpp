#include "engine/keeper.h"

#include "engine/worker.h"

namespace llamba {

Keeper::Keeper(std::function<void(Image)> give_back)
    : give_back_(std::move(give_back)), thread_([this] { run(); }) {}

Keeper::~Keeper() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Keeper::add(Image image, std::string folder, Done<Kept> done) {
  std::lock_guard lock(mutex_);
  tasks_.push_back({std::move(image), std::move(folder), std::move(done)});
  wake_.notify_one();
}

void Keeper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return closing_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    std::optional<Outcome<Kept>> outcome;
    try {
      outcome = keep_image(*task.image, task.folder);
    } catch (...) {
      outcome = std::current_exception();
    }
    give_back_(std::move(task.image));
    task.done(std::move(*outcome));
    lock.lock();
  }
}

void KeepJob::start(Worker& worker) {
  const State& from = worker.state(states[0]);
  auto image = std::make_shared<const StateImage>(image_of(*worker.model(from.model).model, from, note));
  worker.keeper.add(std::move(image), std::move(folder), done);
}

}  // namespace llamba
