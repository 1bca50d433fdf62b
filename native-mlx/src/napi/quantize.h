#pragma once

#include <napi.h>

#include "engine/engine.h"

/** Engine.quantize of addon.ts: its arguments and its answer. The bytes are copied both ways. */
namespace llamba::napi {

QuantizeRequest quantize_request(const Napi::CallbackInfo& info);
Napi::Value quantized(Napi::Object self, const Quantized& result);

}  // namespace llamba::napi
