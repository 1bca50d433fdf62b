#pragma once

#include <napi.h>

#include <exception>
#include <string>

#include "engine/error.h"

namespace llamba::napi {

/** A caller's mistake: "expected <what> to be <wanted>, got <value>". */
Error expected(const std::string& what, const std::string& wanted, const Napi::Value& got);

/** The JS Error object { code, message, hint } of whatever was thrown: an Error as it is, std::bad_alloc as
    `out-of-memory`, an exception of JS untouched, anything else as `internal` with its own text. */
Napi::Value to_js(Napi::Env env, const std::exception_ptr& thrown);

/** Runs a function that JS called without a promise; what it throws reaches JS in the same form. */
template <typename F>
decltype(auto) guarded(Napi::Env env, F&& f) {
  try {
    return f();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw Napi::Error(env, to_js(env, std::current_exception()));
  }
}

}  // namespace llamba::napi
