#include "napi/engine.h"

#include "napi/arguments.h"
#include "napi/calls.h"
#include "napi/model.h"
#include "napi/quantize.h"
#include "napi/wrap.h"

namespace llamba::napi {

Napi::Function Engine::define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {
                         InstanceMethod<&Engine::load>("load"),
                         InstanceMethod<&Engine::quantize>("quantize"),
                         InstanceMethod<&Engine::memory_speed>("memorySpeed"),
                         InstanceMethod<&Engine::drop_caches>("dropCaches"),
                         InstanceMethod<&Engine::abort_for_tests>("abortForTests"),
                         InstanceMethod<&Engine::close>("close"),
                     });
}

Napi::Value Engine::create(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    Realm& realm = Realm::of(info.Env());
    auto engine = std::make_shared<EngineHandle>(engine_options(info[0]));
    realm.add(engine);
    return wrap(realm.engine, engine);
  });
}

Engine::Engine(const Napi::CallbackInfo& info)
    : ObjectWrap(info), engine_(unwrap<std::shared_ptr<EngineHandle>>(info)) {}

Napi::Value Engine::load(const Napi::CallbackInfo& info) {
  const auto to_model = [](Napi::Object self, const ModelInfo& model) {
    return Model::create(self.Env(), Unwrap(self)->engine_, model);
  };
  return job_of(info, start<ModelInfo>(info, engine_, to_model, [&](const Caller<ModelInfo>& caller) {
                  const auto from = options(info[1]);
                  LoadRequest request{path(info[0]), optional(from, "pieces", std::vector<std::string>(), byte_strings)};
                  const auto progress = caller.progress(progress_of(from));
                  return caller.engine().load(std::move(request), progress, caller.done());
                }));
}

Napi::Value Engine::quantize(const Napi::CallbackInfo& info) {
  return start<Quantized>(info, engine_, quantized, [&](const Caller<Quantized>& caller) {
           return caller.engine().quantize(quantize_request(info), caller.done());
         }).promise;
}

Napi::Value Engine::memory_speed(const Napi::CallbackInfo& info) {
  const auto to_number = [](Napi::Object self, const double& speed) { return Napi::Number::New(self.Env(), speed); };
  return start<double>(info, engine_, to_number, [](const Caller<double>& caller) {
           return caller.engine().memory_speed(caller.done());
         }).promise;
}

void Engine::drop_caches(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { engine_->get().drop_caches(); });
}

void Engine::abort_for_tests(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { engine_->get().abort_for_tests(); });
}

Napi::Value Engine::close(const Napi::CallbackInfo& info) {
  if (!closing_.IsEmpty()) return closing_.Value();
  // The call holds no engine, so that it is not among those that closing abandons.
  const auto started = start<std::monostate>(info, nullptr, nothing, [&](const Caller<std::monostate>& caller) {
    engine_->close([done = caller.done(), outbox = Realm::of(info.Env()).outbox(), engine = engine_.get()] {
      outbox->deliver(0, [engine](Realm& realm) { realm.abandon(engine); });
      done(std::monostate());
    });
    return JobId();
  });
  closing_ = Napi::Persistent(started.promise.As<Napi::Object>());
  return started.promise;
}

}  // namespace llamba::napi
