#include "napi/device.h"

#include "napi/arguments.h"
#include "napi/error.h"
#include "napi/realm.h"
#include "napi/values.h"

namespace llamba::napi {

Napi::Value device(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return to_js(info.Env(), llamba::device()); });
}

Napi::Value memory(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] { return to_js(info.Env(), llamba::memory()); });
}

void reset_peak_memory(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [] { llamba::reset_peak_memory(); });
}

Napi::Value on_pressure(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto stop = Realm::of(info.Env()).watch_pressure(function(info[0], "listener"));
    return Napi::Function::New(info.Env(), [stop](const Napi::CallbackInfo&) { stop(); });
  });
}

}  // namespace llamba::napi
