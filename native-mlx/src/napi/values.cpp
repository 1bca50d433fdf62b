#include "napi/values.h"

#include <algorithm>

namespace llamba::napi {

namespace {

double size(int64_t n) { return static_cast<double>(n); }

/** One character a byte. */
Napi::Value bytes(Napi::Env env, const std::string& bytes) {
  napi_value value;
  if (napi_create_string_latin1(env, bytes.data(), bytes.size(), &value) != napi_ok) throw Napi::Error::New(env);
  return {env, value};
}

template <typename Array, typename T>
Array copy(Napi::Env env, const std::vector<T>& from) {
  auto to = Array::New(env, from.size());
  std::copy(from.begin(), from.end(), to.Data());
  return to;
}

}  // namespace

Napi::Object to_js(Napi::Env env, const ModelInfo& info) {
  auto o = Napi::Object::New(env);
  o.Set("architecture", info.architecture);
  o.Set("format", info.format);
  o.Set("name", info.name);
  o.Set("fingerprint", info.fingerprint);
  o.Set("vocabulary", info.vocabulary);
  o.Set("width", info.width);
  o.Set("blocks", info.blocks);
  o.Set("heads", info.heads);
  o.Set("headWidth", info.head_width);
  o.Set("stateSize", info.state_size);
  o.Set("mlpWidth", info.mlp_width);
  o.Set("parameters", size(info.parameters));
  o.Set("weightBytes", size(info.weight_bytes));
  o.Set("stateBytes", size(info.state_bytes));
  o.Set("stateBytesPerToken", size(info.state_bytes_per_token));
  o.Set("bits", info.bits);
  o.Set("groupSize", info.group_size);
  auto notes = Napi::Array::New(env);
  for (const std::string& note : info.notes) notes.Set(notes.Length(), note);
  notes.Freeze();
  o.Set("notes", notes);
  o.Freeze();
  return o;
}

Napi::Object to_js(Napi::Env env, const StateInfo& info) {
  auto o = Napi::Object::New(env);
  o.Set("tokens", size(info.tokens));
  o.Set("bytes", size(info.bytes));
  return o;
}

Napi::Object to_js(Napi::Env env, const Kept& kept) {
  auto o = Napi::Object::New(env);
  o.Set("file", kept.file);
  o.Set("tokens", size(kept.tokens));
  o.Set("bytes", size(kept.bytes));
  return o;
}

Napi::Object to_js(Napi::Env env, const GenerateResult& result) {
  auto o = Napi::Object::New(env);
  o.Set("reason", result.reason);
  o.Set("stopId", result.reason == "stop-id" ? Napi::Number::New(env, result.stop_id) : env.Null());
  o.Set("stopString", result.reason == "stop-string" ? bytes(env, result.stop_string) : env.Null());
  o.Set("promptTokens", size(result.prompt_tokens));
  o.Set("generatedTokens", size(result.generated_tokens));
  o.Set("stateTokens", size(result.state_tokens));
  o.Set("prefillMs", result.prefill_ms);
  o.Set("ttftMs", result.ttft_ms);
  o.Set("decodeMs", result.decode_ms);
  return o;
}

Napi::Object to_js(Napi::Env env, const ScoreResult& result) {
  auto o = Napi::Object::New(env);
  o.Set("logprobs", copy<Napi::Float32Array>(env, result.logprobs));
  o.Set("topIds", copy<Napi::Int32Array>(env, result.top_ids));
  o.Set("topLogprobs", copy<Napi::Float32Array>(env, result.top_logprobs));
  return o;
}

Napi::Float64Array to_js(Napi::Env env, const std::vector<double>& values) {
  return copy<Napi::Float64Array>(env, values);
}

Napi::Object to_js(Napi::Env env, const Device& device) {
  auto o = Napi::Object::New(env);
  o.Set("name", device.name);
  o.Set("backend", device.backend);
  o.Set("architecture", device.architecture);
  o.Set("mlxVersion", device.mlx_version);
  o.Set("memoryBytes", size(device.memory_bytes));
  o.Set("workingSetBytes", size(device.working_set_bytes));
  return o;
}

Napi::Object to_js(Napi::Env env, const Memory& memory) {
  auto o = Napi::Object::New(env);
  o.Set("activeBytes", size(memory.active_bytes));
  o.Set("cacheBytes", size(memory.cache_bytes));
  o.Set("peakBytes", size(memory.peak_bytes));
  o.Set("footprintBytes", size(memory.footprint_bytes));
  o.Set("thermal", memory.thermal);
  return o;
}

}  // namespace llamba::napi
