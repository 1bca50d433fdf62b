#pragma once

#include <napi.h>

#include <memory>

#include "napi/engine_handle.h"

namespace llamba::napi {

/** Model of addon.ts. Its States keep it from the collector; collected without unload, it unloads itself. */
class Model : public Napi::ObjectWrap<Model> {
 public:
  static Napi::Function define(Napi::Env env);
  static Napi::Value create(Napi::Env env, std::shared_ptr<EngineHandle> engine, const ModelInfo& info);

  explicit Model(const Napi::CallbackInfo& info);
  ~Model() override;

 private:
  Napi::Value create_state(const Napi::CallbackInfo& info);
  Napi::Value load_state(const Napi::CallbackInfo& info);
  Napi::Value likelihoods(const Napi::CallbackInfo& info);
  Napi::Value unload(const Napi::CallbackInfo& info);

  std::shared_ptr<EngineHandle> engine_;
  ModelId id_;
  bool unloaded_ = false;
};

}  // namespace llamba::napi
