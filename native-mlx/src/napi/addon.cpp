// The addon's table of contents; addon.ts documents it.

#include <napi.h>

#include "napi/device.h"
#include "napi/engine.h"
#include "napi/model.h"
#include "napi/realm.h"
#include "napi/state.h"

namespace llamba::napi {

static Napi::Object contents(Napi::Env env, Napi::Object exports) {
  auto realm = std::make_unique<Realm>(env);
  realm->engine = Napi::Persistent(Engine::define(env));
  realm->model = Napi::Persistent(Model::define(env));
  realm->state = Napi::Persistent(State::define(env));
  env.SetInstanceData(realm.release());

  exports.Set("device", Napi::Function::New<device>(env, "device"));
  exports.Set("memory", Napi::Function::New<memory>(env, "memory"));
  exports.Set("resetPeakMemory", Napi::Function::New<reset_peak_memory>(env, "resetPeakMemory"));
  exports.Set("onPressure", Napi::Function::New<on_pressure>(env, "onPressure"));
  exports.Set("createEngine", Napi::Function::New<Engine::create>(env, "createEngine"));
  return exports;
}

NODE_API_MODULE(llamba, contents)

}  // namespace llamba::napi
