#include "napi/arguments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace llamba::napi {

namespace {

constexpr double largest_exact = 9007199254740991;  // 2^53 - 1

std::string range(double low, double high) {
  std::ostringstream text;
  text.precision(16);
  text << "from " << low << " to " << high;
  return text.str();
}

double whole_up_to(const Napi::Value& value, const std::string& name, double least, double most) {
  const double n = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!(n >= least && n <= most) || n != std::floor(n)) {
    throw expected(name, "a whole number " + range(least, most), value);
  }
  return n;
}

}  // namespace

int32_t whole(const Napi::Value& value, const std::string& name, int32_t least) {
  return static_cast<int32_t>(whole_up_to(value, name, least, std::numeric_limits<int32_t>::max()));
}

double number(const Napi::Value& value, const std::string& name) {
  const double n = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (!std::isfinite(n)) throw expected(name, "a finite number", value);
  return n;
}

std::string text(const Napi::Value& value, const std::string& name) {
  if (!value.IsString()) throw expected(name, "a string", value);
  return value.As<Napi::String>().Utf8Value();
}

std::string bytes(const Napi::Value& value, const std::string& name) {
  if (!value.IsString()) throw expected(name, "a string of bytes", value);
  const std::u16string characters = value.As<Napi::String>().Utf16Value();
  if (std::any_of(characters.begin(), characters.end(), [](char16_t c) { return c > 0xff; })) {
    throw expected(name, "a string whose characters are bytes (0 to 255)", value);
  }
  return {characters.begin(), characters.end()};
}

std::string path(const Napi::Value& value) {
  std::string path = text(value, "path");
  if (path.empty() || path.find('\0') != std::string::npos) throw expected("path", "a path of at least one character, none of them NUL", value);
  return path;
}

std::vector<int32_t> ids(const Napi::Value& value, const std::string& name) {
  std::vector<int32_t> ids;
  each(value, name, "token ids", [&](const Napi::Value& id, auto at) {
    if (id.IsNumber()) {
      const double n = id.As<Napi::Number>().DoubleValue();
      if (n >= 0 && n <= std::numeric_limits<int32_t>::max() && n == std::floor(n)) {
        ids.push_back(static_cast<int32_t>(n));
        return;
      }
    }
    throw expected(at(), "a token id", id);
  });
  return ids;
}

std::vector<std::string> byte_strings(const Napi::Value& value, const std::string& name) {
  std::vector<std::string> strings;
  each(value, name, "strings", [&](const Napi::Value& s, auto at) { strings.push_back(bytes(s, at())); });
  return strings;
}

Napi::Function function(const Napi::Value& value, const std::string& name) {
  if (!value.IsFunction()) throw expected(name, "a function", value);
  return value.As<Napi::Function>();
}

Napi::Function progress_of(const Napi::Object& options) {
  return optional_function(options.Get("onProgress"), "onProgress");
}

Napi::Function optional_function(const Napi::Value& value, const std::string& name) {
  return value.IsUndefined() ? Napi::Function() : function(value, name);
}

Napi::Object object(const Napi::Value& value, const std::string& name) {
  if (!value.IsObject() || value.IsFunction() || value.IsArray()) throw expected(name, "an object", value);
  return value.As<Napi::Object>();
}

Napi::Object options(const Napi::Value& value) {
  return value.IsUndefined() ? Napi::Object::New(value.Env()) : object(value, "options");
}

namespace {

double between(const Napi::Value& value, const std::string& name, double low, double high) {
  const double n = number(value, name);
  if (!(n >= low && n <= high)) {
    throw expected(name, "a number " + range(low, high), value);
  }
  return n;
}

std::pair<int32_t, float> bias(const Napi::Value& value, const std::string& name) {
  if (!value.IsArray() || value.As<Napi::Array>().Length() != 2) throw expected(name, "[id, bias]", value);
  const auto pair = value.As<Napi::Array>();
  return {whole(pair.Get(0u), name + "[0]"), static_cast<float>(between(pair.Get(1u), name + "[1]", -1e9, 1e9))};
}

Sampling sampling(const Napi::Value& value) {
  const auto from = object(value, "sampling");
  Sampling s;
  s.temperature = static_cast<float>(between(from.Get("temperature"), "temperature", 0, 1e6));
  s.top_k = whole(from.Get("topK"), "topK");
  s.top_p = static_cast<float>(between(from.Get("topP"), "topP", 0, 1));
  s.min_p = static_cast<float>(between(from.Get("minP"), "minP", 0, 1));
  s.repetition_penalty = static_cast<float>(between(from.Get("repetitionPenalty"), "repetitionPenalty", 1e-3, 1e3));
  s.repetition_window = whole(from.Get("repetitionWindow"), "repetitionWindow");
  s.seed = static_cast<uint64_t>(whole_up_to(from.Get("seed"), "seed", 0, largest_exact));
  each(from.Get("logitBias"), "logitBias", "[id, bias] pairs",
       [&](const Napi::Value& pair, auto at) { s.logit_bias.push_back(bias(pair, at())); });
  return s;
}

}  // namespace

GenerateRequest generate_request(const Napi::Value& value, StateId state) {
  const auto from = object(value, "request");
  GenerateRequest request;
  request.state = state;
  request.ids = ids(from.Get("ids"));
  request.max_tokens = whole(from.Get("maxTokens"), "maxTokens");
  request.sampling = sampling(from.Get("sampling"));
  request.stop_ids = ids(from.Get("stopIds"), "stopIds");
  request.stop_strings = byte_strings(from.Get("stopStrings"), "stopStrings");
  if (std::any_of(request.stop_strings.begin(), request.stop_strings.end(), [](auto& s) { return s.empty(); })) {
    throw expected("stopStrings", "strings of at least one byte", from.Get("stopStrings"));
  }
  return request;
}

EngineOptions engine_options(const Napi::Value& value) {
  const auto from = options(value);
  EngineOptions o;
  o.device = optional(from, "device", o.device, text);
  if (!o.device.empty() && o.device != "cpu" && o.device != "gpu") {
    throw expected("device", "\"cpu\" or \"gpu\"", from.Get("device"));
  }
  o.threads = optional(from, "threads", o.threads, [](auto& v, auto& name) { return whole(v, name, 1); });
  o.cache_limit = optional(from, "cacheLimitBytes", o.cache_limit, [](auto& v, auto& name) {
    return static_cast<int64_t>(whole_up_to(v, name, 0, largest_exact));
  });
  return o;
}

}  // namespace llamba::napi
