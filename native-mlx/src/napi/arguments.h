#pragma once

#include <napi.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "napi/error.h"

/** Reads what JS hands over. Every reader throws a `bad-request` that names the argument and what came instead, and takes
    anything at all without harm: holes, NaN, arrays of any claimed length, getters that throw. */
namespace llamba::napi {

int32_t whole(const Napi::Value& value, const std::string& name, int32_t least = 0);
double number(const Napi::Value& value, const std::string& name);
std::string text(const Napi::Value& value, const std::string& name);
/** Bytes, one a character. */
std::string bytes(const Napi::Value& value, const std::string& name);
std::string path(const Napi::Value& value);
/** Calls read(element, at) for every element of an array of `of`, where at() is "name[i]". */
template <typename Read>
void each(const Napi::Value& value, const std::string& name, const std::string& of, Read read) {
  if (!value.IsArray()) throw expected(name, "an array of " + of, value);
  const auto array = value.As<Napi::Array>();
  const uint32_t length = array.Length();
  constexpr uint32_t block = 1024;  // an own scope for each, as every element is a handle
  for (uint32_t begin = 0; begin < length; begin += std::min(block, length - begin)) {
    const Napi::HandleScope scope(value.Env());
    for (uint32_t i = begin; i < length && i - begin < block; ++i) {
      const Napi::Value element = array.Get(i);
      read(element, [&] { return name + '[' + std::to_string(i) + ']'; });
    }
  }
}
std::vector<int32_t> ids(const Napi::Value& value, const std::string& name = "ids");
std::vector<std::string> byte_strings(const Napi::Value& value, const std::string& name);
Napi::Function function(const Napi::Value& value, const std::string& name);

/** An object of options; undefined is one without any. */
Napi::Object options(const Napi::Value& value);
Napi::Object object(const Napi::Value& value, const std::string& name);
/** What `key` of `options` holds through `read`, or `otherwise` where it is undefined. */
template <typename T, typename Read>
T optional(const Napi::Object& options, const char* key, T otherwise, Read read) {
  const Napi::Value value = options.Get(key);
  return value.IsUndefined() ? otherwise : read(value, key);
}
/** Empty where it is undefined. */
Napi::Function optional_function(const Napi::Value& value, const std::string& name);

Napi::Function progress_of(const Napi::Object& options);

GenerateRequest generate_request(const Napi::Value& value, StateId state);
EngineOptions engine_options(const Napi::Value& value);

}  // namespace llamba::napi
