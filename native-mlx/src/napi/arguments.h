#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "engine/engine.h"

/** Reads what JS hands over. Every reader throws a `bad-request` that names the argument and what came instead, and takes
    anything at all without harm: holes, NaN, arrays of any claimed length, getters that throw. */
namespace llamba::napi {

int32_t whole(const Napi::Value& value, const std::string& name, int32_t least = 0);
double number(const Napi::Value& value, const std::string& name);
std::string text(const Napi::Value& value, const std::string& name);
/** Bytes, one a character. */
std::string bytes(const Napi::Value& value, const std::string& name);
std::string path(const Napi::Value& value);
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

GenerateRequest generate_request(const Napi::Value& value, StateId state);
EngineOptions engine_options(const Napi::Value& value);

}  // namespace llamba::napi
