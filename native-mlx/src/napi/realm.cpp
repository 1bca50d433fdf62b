#include "napi/realm.h"

#include "napi/error.h"
#include "platform/platform.h"

namespace llamba::napi {

void Call::resolve(Napi::Env env, napi_value value) {
  if (!std::exchange(settled, true)) napi_resolve_deferred(env, deferred, value);
}

void Call::reject(Napi::Env env, napi_value error) {
  if (!std::exchange(settled, true)) napi_reject_deferred(env, deferred, error);
}

Realm::Realm(Napi::Env env) : env_(env) {
  env.AddCleanupHook([this] { shut_down(); });
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto on_exit = Napi::Function::New(env, [this](const Napi::CallbackInfo&) { shut_down(); });
  process.Get("once").As<Napi::Function>().Call(process, {Napi::String::New(env, "exit"), on_exit});
  // After the hook: an environment undoes these things in reverse, so the wake-up call is closed first.
  outbox_ = std::make_shared<Outbox>(env, *this);
}

CallKey Realm::open(Call call) {
  if (calls_.empty()) outbox_->keep_loop_alive(env_, true);
  calls_.emplace(++latest_, std::move(call));
  return latest_;
}

Call* Realm::find(CallKey key) {
  const auto found = calls_.find(key);
  return found == calls_.end() ? nullptr : &found->second;
}

void Realm::end(CallKey key) {
  if (calls_.erase(key) && calls_.empty()) outbox_->keep_loop_alive(env_, false);
}

void Realm::cancel(CallKey key) {
  const Call* call = find(key);
  if (call && call->engine && call->engine->open()) call->engine->get().cancel(call->job);
}

void Realm::abandon(const EngineHandle* engine) {
  const Error gone("engine-gone", "The engine was closed before this was done.", "Make a new one and ask again.");
  std::vector<CallKey> left;
  for (auto& [key, call] : calls_) {
    if (call.engine.get() != engine) continue;
    call.reject(env_, to_js(env_, std::make_exception_ptr(gone)));
    left.push_back(key);
  }
  for (const CallKey key : left) end(key);
}

void Realm::add(const std::shared_ptr<EngineHandle>& engine) {
  std::erase_if(engines_, [](const auto& e) { return e.expired(); });
  engines_.push_back(engine);
}

std::function<void()> Realm::watch_pressure(Napi::Function listener) {
  const CallKey key = ++latest_;
  auto stop = llamba::watch_pressure([outbox = outbox_, key](Pressure level) {
    outbox->deliver(key, [key, level](Realm& realm) {
      const auto watch = realm.watches_.find(key);
      if (watch == realm.watches_.end()) return;
      const char* name = level == Pressure::normal ? "normal" : level == Pressure::warn ? "warn" : "critical";
      const auto listener = watch->second.listener;  // the call may stop the watch
      realm.call_back(key, *listener, {Napi::String::New(realm.env_, name)});
    });
  });
  watches_.emplace(key, Watch{std::make_shared<Napi::FunctionReference>(Napi::Persistent(listener)), std::move(stop)});
  return [this, key] {
    const auto watch = watches_.find(key);
    if (watch == watches_.end()) return;
    const auto stop = std::move(watch->second.stop);
    watches_.erase(watch);
    stop();
  };
}

void Realm::drain() noexcept {
  for (Message& message : outbox_->take()) {
    if (ended_) return;
    const CallKey key = message.call;
    try {
      Napi::HandleScope scope(env_);
      try {
        hand_over(std::move(message));
      } catch (...) {  // such as no memory for a copy of the tokens: the call cannot go on without them
        fail(key, to_js(env_, std::current_exception()));
      }
    } catch (...) {
      // Only an environment that is ending refuses to make an error object; its calls die with it.
    }
  }
}

void Realm::fail(CallKey key, napi_value error) {
  Call* call = find(key);
  if (!call) return;
  call->reject(env_, error);
  cancel(key);
}

void Realm::hand_over(Message message) {
  if (const auto* delivery = std::get_if<Delivery>(&message.what)) return (*delivery)(*this);
  const Call* call = find(message.call);
  if (!call || call->settled) return;
  if (const auto* progress = std::get_if<Progressed>(&message.what)) {
    call_back(message.call, call->on_progress,
              {Napi::Number::New(env_, static_cast<double>(progress->done)),
               Napi::Number::New(env_, static_cast<double>(progress->total))});
  } else {
    const auto& ids = std::get<std::vector<int32_t>>(message.what);
    auto copy = Napi::Int32Array::New(env_, ids.size());
    std::copy(ids.begin(), ids.end(), copy.Data());
    call_back(message.call, call->on_tokens, {copy});
  }
}

// Not through node-addon-api: it turns a failed call into a C++ exception, and here nothing may be thrown.
void Realm::call_back(CallKey key, const Napi::FunctionReference& f, std::vector<napi_value> arguments) {
  const auto status =
      napi_call_function(env_, env_.Undefined(), f.Value(), arguments.size(), arguments.data(), nullptr);
  if (status != napi_pending_exception || ended_) return;
  napi_value thrown = nullptr;
  napi_get_and_clear_last_exception(env_, &thrown);
  // A pressure listener has no promise to reject.
  find(key) ? fail(key, thrown) : static_cast<void>(napi_fatal_exception(env_, thrown));
}

void Realm::shut_down() {
  if (std::exchange(ended_, true)) return;
  outbox_->close();
  for (auto& [key, watch] : std::exchange(watches_, {})) watch.stop();
  for (const auto& weak : engines_) {
    if (const auto engine = weak.lock()) engine->close_now();
  }
}

}  // namespace llamba::napi
