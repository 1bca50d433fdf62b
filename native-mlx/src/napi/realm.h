#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "napi/engine_handle.h"
#include "napi/outbox.h"

namespace llamba::napi {

/** A promise that JS waits for. Settled once; JS thread only. */
struct Call {
  napi_deferred deferred = nullptr;
  bool settled = false;
  std::shared_ptr<EngineHandle> engine;  // null for a call that ends its engine
  JobId job = 0;
  Napi::ObjectReference owner;  // the object called, kept from the collector
  Napi::FunctionReference on_tokens, on_progress;

  void resolve(Napi::Env env, napi_value value);
  void reject(Napi::Env env, napi_value error);
};

/** What the addon keeps for one JS environment (the main thread or a worker): classes, calls under way, engines. */
class Realm {
 public:
  static Realm& of(Napi::Env env) { return *env.GetInstanceData<Realm>(); }

  /** Sets itself up to end with the environment, and, as process.exit of the main thread skips cleanup hooks, with the
      process's `exit` event: MLX's statics must not die under a running engine. */
  explicit Realm(Napi::Env env);

  Napi::FunctionReference engine, model, state;  // constructors
  Napi::Env env() const { return env_; }
  const std::shared_ptr<Outbox>& outbox() const { return outbox_; }

  /** A new call; its promise keeps the event loop alive. */
  CallKey open(Call call);
  /** Null once it ended. */
  Call* find(CallKey key);
  void end(CallKey key);
  void cancel(CallKey key);
  /** Rejects what a closed engine left unsettled. */
  void abandon(const EngineHandle* engine);

  void add(const std::shared_ptr<EngineHandle>& engine);
  /** A listener for memory pressure; returns what stops it. */
  std::function<void()> watch_pressure(Napi::Function listener);

  /** Hands everything in the outbox to JS. Nothing leaves it, whatever JS throws. */
  void drain() noexcept;

 private:
  void hand_over(Message message);
  /** Rejects the call and cancels its work. */
  void fail(CallKey key, napi_value error);
  void call_back(CallKey key, const Napi::FunctionReference& f, std::vector<napi_value> arguments);
  void shut_down();

  Napi::Env env_;
  bool ended_ = false;
  CallKey latest_ = 0;
  std::unordered_map<CallKey, Call> calls_;
  std::vector<std::weak_ptr<EngineHandle>> engines_;
  struct Watch {
    std::shared_ptr<Napi::FunctionReference> listener;
    std::function<void()> stop;
  };
  std::unordered_map<CallKey, Watch> watches_;
  std::shared_ptr<Outbox> outbox_;
};

}  // namespace llamba::napi
