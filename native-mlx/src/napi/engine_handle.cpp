#include "napi/engine_handle.h"

#include "engine/error.h"

namespace llamba::napi {

llamba::Engine& EngineHandle::get() const {
  if (!engine_) throw Error("bad-request", "The engine was closed.", "Make a new one with createEngine.");
  return *engine_;
}

void EngineHandle::close(std::function<void()> closed) {
  closer_ = std::thread([engine = std::move(engine_), closed = std::move(closed)]() mutable {
    engine.reset();
    closed();
  });
}

void EngineHandle::close_now() {
  engine_.reset();
  if (closer_.joinable()) closer_.join();
}

}  // namespace llamba::napi
