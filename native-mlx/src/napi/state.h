#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "napi/engine_handle.h"

namespace llamba::napi {

/** State of addon.ts. Collected without free, it frees itself. */
class State : public Napi::ObjectWrap<State> {
 public:
  static Napi::Function define(Napi::Env env);
  /** `model` is the Model object it belongs to. */
  static Napi::Value create(Napi::Env env, std::shared_ptr<EngineHandle> engine, const StateInfo& info,
                            Napi::Object model);

  /** An array of States of that engine, as their ids. */
  static std::vector<StateId> ids_of(const Napi::Value& value, const std::shared_ptr<EngineHandle>& engine);

  explicit State(const Napi::CallbackInfo& info);
  ~State() override;

 private:
  Napi::Value info(const Napi::CallbackInfo& info);
  Napi::Value fork(const Napi::CallbackInfo& info);
  Napi::Value feed(const Napi::CallbackInfo& info);
  Napi::Value score(const Napi::CallbackInfo& info);
  Napi::Value generate(const Napi::CallbackInfo& info);
  Napi::Value save(const Napi::CallbackInfo& info);
  Napi::Value keep(const Napi::CallbackInfo& info);
  Napi::Value free(const Napi::CallbackInfo& info);

  std::shared_ptr<EngineHandle> engine_;
  StateId id_;
  Napi::ObjectReference model_;
  bool freed_ = false;
};

}  // namespace llamba::napi
