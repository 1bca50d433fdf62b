#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <utility>

#include "napi/error.h"
#include "napi/realm.h"

namespace llamba::napi {

/** What a method of JS needs to put its work to the engine: made by start, used once. */
template <typename T>
class Caller {
 public:
  /** From the object called and the engine's answer. It may be dropped on any thread: it captures native data only. */
  using ToJs = std::function<Napi::Value(Napi::Object self, const T&)>;

  Caller(Realm& realm, CallKey key, ToJs to_js) : realm_(realm), key_(key), to_js_(std::move(to_js)) {}

  llamba::Engine& engine() const { return realm_.find(key_)->engine->get(); }

  /** `listener` may be empty. */
  Progress progress(Napi::Function listener) const {
    if (listener.IsEmpty()) return [](int64_t, int64_t) {};
    realm_.find(key_)->on_progress = Napi::Persistent(listener);
    return [outbox = realm_.outbox(), key = key_](int64_t done, int64_t total) { outbox->progress(key, done, total); };
  }

  Tokens tokens(Napi::Function listener) const {
    realm_.find(key_)->on_tokens = Napi::Persistent(listener);
    return [outbox = realm_.outbox(), key = key_](const std::vector<int32_t>& ids) { outbox->tokens(key, ids); };
  }

  Done<T> done() const {
    return [outbox = realm_.outbox(), key = key_, to_js = to_js_](Outcome<T> outcome) {
      auto kept = std::make_shared<Outcome<T>>(std::move(outcome));
      outbox->deliver(key, [key, to_js, kept](Realm& realm) { settle(realm, key, to_js, *kept); });
    };
  }

 private:
  static void settle(Realm& realm, CallKey key, const ToJs& to_js, const Outcome<T>& outcome) {
    Call* call = realm.find(key);
    if (!call) return;
    const Napi::Env env = realm.env();
    try {
      if (const auto* error = std::get_if<std::exception_ptr>(&outcome)) std::rethrow_exception(*error);
      call->resolve(env, to_js(call->owner.Value(), std::get<T>(outcome)));
    } catch (...) {
      call->reject(env, llamba::napi::to_js(env, std::current_exception()));
    }
    realm.end(key);
  }

  Realm& realm_;
  CallKey key_;
  ToJs to_js_;
};

struct Started {
  CallKey key;
  Napi::Promise promise;
};

/** Puts work to `engine` by `submit`, which gets a Caller<T> and returns the job; the promise takes the outcome through
    `to_js`, or whatever was thrown meanwhile, such as a complaint about the arguments. */
template <typename T, typename Submit>
Started start(const Napi::CallbackInfo& info, const std::shared_ptr<EngineHandle>& engine,
              typename Caller<T>::ToJs to_js, Submit&& submit) {
  const Napi::Env env = info.Env();
  Realm& realm = Realm::of(env);
  Call call;
  napi_value promise;
  if (napi_create_promise(env, &call.deferred, &promise) != napi_ok) throw Napi::Error::New(env);
  call.engine = engine;
  call.owner = Napi::Persistent(info.This().As<Napi::Object>());
  const CallKey key = realm.open(std::move(call));
  try {
    const JobId job = submit(Caller<T>(realm, key, std::move(to_js)));
    realm.find(key)->job = job;
  } catch (...) {
    realm.find(key)->reject(env, llamba::napi::to_js(env, std::current_exception()));
    realm.end(key);
  }
  return {key, Napi::Promise(env, promise)};
}

/** The Job of addon.ts. */
inline Napi::Value job_of(const Napi::CallbackInfo& info, const Started& started) {
  auto job = Napi::Object::New(info.Env());
  job.Set("done", started.promise);
  job.Set("cancel", Napi::Function::New(info.Env(), [key = started.key](const Napi::CallbackInfo& info) {
            Realm::of(info.Env()).cancel(key);
          }));
  return job;
}

inline Napi::Value nothing(Napi::Object self, const std::monostate&) { return self.Env().Undefined(); }

}  // namespace llamba::napi
