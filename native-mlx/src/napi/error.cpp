#include "napi/error.h"

#include <new>

namespace llamba::napi {

namespace {

/** A value as a sentence can carry it: short, and without running any of the caller's code. */
std::string shown(const Napi::Value& value) {
  switch (value.Type()) {
    case napi_undefined: return "undefined";
    case napi_null: return "null";
    case napi_boolean: return value.As<Napi::Boolean>().Value() ? "true" : "false";
    case napi_number: return value.ToString().Utf8Value();
    case napi_string: {
      const auto length = value.As<Napi::String>().Utf16Value().size();
      return length <= 40 ? '"' + value.As<Napi::String>().Utf8Value() + '"'
                          : "a string of " + std::to_string(length) + " characters";
    }
    case napi_symbol: return "a symbol";
    case napi_bigint: return "a bigint";
    case napi_function: return "a function";
    case napi_external: return "an external";
    case napi_object: break;
  }
  return value.IsArray() ? "an array" : "an object";
}

Napi::Value tagged(Napi::Env env, const std::string& code, const std::string& message, const std::string& hint) {
  Napi::Object error = Napi::Error::New(env, message).Value();
  error.Set("code", code);
  error.Set("hint", hint);
  return error;
}

}  // namespace

Error expected(const std::string& what, const std::string& wanted, const Napi::Value& got) {
  return {"bad-request", "expected " + what + " to be " + wanted + ", got " + shown(got),
          "This is a fault of the calling code; native-mlx/addon.ts says what the addon takes."};
}

Napi::Value to_js(Napi::Env env, const std::exception_ptr& thrown) {
  static constexpr auto report = "This is a fault of the app. Please report it with what you did.";
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& e) {
    return tagged(env, e.code, e.what(), e.hint);
  } catch (const Napi::Error& e) {
    return e.Value();
  } catch (const std::bad_alloc&) {
    return tagged(env, "out-of-memory", "There was not enough memory to go on.",
                  "Close other apps or conversations, or use a smaller model.");
  } catch (const std::exception& e) {
    return tagged(env, "internal", e.what(), report);
  } catch (...) {
    return tagged(env, "internal", "Something was thrown that is no exception.", report);
  }
}

}  // namespace llamba::napi
