#pragma once

#include <napi.h>

/** The addon's functions about the machine and the process. */
namespace llamba::napi {

Napi::Value device(const Napi::CallbackInfo& info);
Napi::Value memory(const Napi::CallbackInfo& info);
void reset_peak_memory(const Napi::CallbackInfo& info);
Napi::Value on_pressure(const Napi::CallbackInfo& info);

}  // namespace llamba::napi
