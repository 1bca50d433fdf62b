#pragma once

#include <napi.h>

#include <memory>

#include "napi/engine_handle.h"

namespace llamba::napi {

/** Engine of addon.ts. */
class Engine : public Napi::ObjectWrap<Engine> {
 public:
  static Napi::Function define(Napi::Env env);
  /** createEngine */
  static Napi::Value create(const Napi::CallbackInfo& info);

  explicit Engine(const Napi::CallbackInfo& info);

 private:
  Napi::Value load(const Napi::CallbackInfo& info);
  Napi::Value quantize(const Napi::CallbackInfo& info);
  Napi::Value memory_speed(const Napi::CallbackInfo& info);
  void drop_caches(const Napi::CallbackInfo& info);
  void abort_for_tests(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  std::shared_ptr<EngineHandle> engine_;
  Napi::ObjectReference closing_;  // the promise of the first close
};

}  // namespace llamba::napi
