#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "engine/engine.h"

namespace llamba::napi {

/** The one engine that an Engine object of JS, its Models and its States share. JS thread only. */
class EngineHandle {
 public:
  explicit EngineHandle(const EngineOptions& options) : engine_(std::make_unique<llamba::Engine>(options)) {}
  /** Joins the engine's thread, which cancels first; so does close_now. */
  ~EngineHandle() { close_now(); }

  bool open() const { return engine_ != nullptr; }
  /** Throws a `bad-request` once closed. */
  llamba::Engine& get() const;

  /** Cancels everything and joins on a thread of its own, which then calls `closed`. */
  void close(std::function<void()> closed);
  void close_now();

 private:
  std::unique_ptr<llamba::Engine> engine_;
  std::thread closer_;
};

}  // namespace llamba::napi
