#include "napi/model.h"

#include "napi/arguments.h"
#include "napi/calls.h"
#include "napi/state.h"
#include "napi/values.h"
#include "napi/wrap.h"

namespace llamba::napi {

namespace {

struct Init {
  std::shared_ptr<EngineHandle> engine;
  ModelId id;
};

}  // namespace

Napi::Function Model::define(Napi::Env env) {
  return DefineClass(env, "Model",
                     {
                         InstanceMethod<&Model::create_state>("createState"),
                         InstanceMethod<&Model::load_state>("loadState"),
                         InstanceMethod<&Model::likelihoods>("likelihoods"),
                         InstanceMethod<&Model::unload>("unload"),
                     });
}

Napi::Value Model::create(Napi::Env env, std::shared_ptr<EngineHandle> engine, const ModelInfo& info) {
  Init init{std::move(engine), info.id};
  const Napi::Value model = wrap(Realm::of(env).model, init);
  model.As<Napi::Object>().DefineProperty(Napi::PropertyDescriptor::Value("info", to_js(env, info), napi_enumerable));
  return model;
}

Model::Model(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Init& init = unwrap<Init>(info);
  engine_ = init.engine;
  id_ = init.id;
}

Model::~Model() {
  if (engine_ && engine_->open() && !unloaded_) engine_->get().unload(id_, [](auto) {});
}

Napi::Value Model::create_state(const Napi::CallbackInfo& info) {
  const auto to_state = [](Napi::Object self, const StateInfo& state) {
    return State::create(self.Env(), Unwrap(self)->engine_, state, self);
  };
  return start<StateInfo>(info, engine_, to_state, [&](const Caller<StateInfo>& caller) {
           return caller.engine().create_state(id_, caller.done());
         }).promise;
}

Napi::Value Model::load_state(const Napi::CallbackInfo& info) {
  using Loaded = std::pair<StateInfo, std::string>;
  const auto to_loaded = [](Napi::Object self, const Loaded& loaded) {
    auto o = Napi::Object::New(self.Env());
    o.Set("state", State::create(self.Env(), Unwrap(self)->engine_, loaded.first, self));
    o.Set("note", loaded.second);
    return o;
  };
  return start<Loaded>(info, engine_, to_loaded, [&](const Caller<Loaded>& caller) {
           return caller.engine().load_state(id_, path(info[0]), caller.done());
         }).promise;
}

Napi::Value Model::likelihoods(const Napi::CallbackInfo& info) {
  using Sums = std::vector<double>;
  const auto to_array = [](Napi::Object self, const Sums& sums) { return to_js(self.Env(), sums); };
  return job_of(info, start<Sums>(info, engine_, to_array, [&](const Caller<Sums>& caller) {
                  LikelihoodsRequest request{id_, State::ids_of(info[0], engine_), ids(info[1])};
                  const auto progress = caller.progress(progress_of(options(info[2])));
                  return caller.engine().likelihoods(std::move(request), progress, caller.done());
                }));
}

Napi::Value Model::unload(const Napi::CallbackInfo& info) {
  return start<std::monostate>(info, engine_, nothing, [&](const Caller<std::monostate>& caller) {
           const JobId job = caller.engine().unload(id_, caller.done());
           unloaded_ = true;
           return job;
         }).promise;
}

}  // namespace llamba::napi
