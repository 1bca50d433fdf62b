#pragma once

#include <napi.h>

#include "napi/error.h"

/** How native data gets into a new object of JS: as an External, which JS itself cannot make. */
namespace llamba::napi {

template <typename T>
Napi::Value wrap(const Napi::FunctionReference& constructor, T& data) {
  return constructor.New({Napi::External<T>::New(constructor.Env(), &data)});
}

/** In a constructor: the data given to wrap. */
template <typename T>
T& unwrap(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> T& {
    if (!info[0].IsExternal()) {
      throw Error("bad-request", "This object cannot be made by new.", "createEngine, load and createState make them.");
    }
    return *info[0].As<Napi::External<T>>().Data();
  });
}

}  // namespace llamba::napi
