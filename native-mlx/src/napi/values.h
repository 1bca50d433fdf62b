#pragma once

#include <napi.h>

#include "engine/engine.h"
#include "platform/platform.h"

/** What the engine returns, as addon.ts names it. Sizes and counts are JS numbers: exact below 2^53. */
namespace llamba::napi {

Napi::Object to_js(Napi::Env env, const ModelInfo& info);
Napi::Object to_js(Napi::Env env, const StateInfo& info);
Napi::Object to_js(Napi::Env env, const Kept& kept);
Napi::Object to_js(Napi::Env env, const GenerateResult& result);
Napi::Object to_js(Napi::Env env, const ScoreResult& result);
Napi::Float64Array to_js(Napi::Env env, const std::vector<double>& values);
Napi::Object to_js(Napi::Env env, const Device& device);
Napi::Object to_js(Napi::Env env, const Memory& memory);

}  // namespace llamba::napi
