#include "napi/state.h"

#include "napi/arguments.h"
#include "napi/calls.h"
#include "napi/values.h"
#include "napi/wrap.h"

namespace llamba::napi {

namespace {

struct Init {
  std::shared_ptr<EngineHandle> engine;
  StateId id;
  Napi::Object model;
};

/** Tells a State from whatever else JS may hand over; a prototype can be forged. */
constexpr napi_type_tag tag = {0x9a1f6d2c53b74e08, 0xb7c2e4d815f03a69};

template <typename T>
Napi::Value plain(Napi::Object self, const T& result) {
  return to_js(self.Env(), result);
}

int chunk_of(const Napi::Object& options) {
  return optional(options, "chunk", 0, [](auto& v, auto& name) { return whole(v, name, 1); });
}

}  // namespace

Napi::Function State::define(Napi::Env env) {
  return DefineClass(env, "State",
                     {
                         InstanceMethod<&State::info>("info"),
                         InstanceMethod<&State::fork>("fork"),
                         InstanceMethod<&State::feed>("feed"),
                         InstanceMethod<&State::score>("score"),
                         InstanceMethod<&State::generate>("generate"),
                         InstanceMethod<&State::save>("save"),
                         InstanceMethod<&State::keep>("keep"),
                         InstanceMethod<&State::free>("free"),
                     });
}

Napi::Value State::create(Napi::Env env, std::shared_ptr<EngineHandle> engine, const StateInfo& info,
                          Napi::Object model) {
  Init init{std::move(engine), info.id, model};
  return wrap(Realm::of(env).state, init);
}

std::vector<StateId> State::ids_of(const Napi::Value& value, const std::shared_ptr<EngineHandle>& engine) {
  std::vector<StateId> ids;
  each(value, "states", "states", [&](const Napi::Value& element, auto at) {
    const bool is_state = element.IsObject() && element.As<Napi::Object>().CheckTypeTag(&tag);
    const State* state = is_state ? Unwrap(element.As<Napi::Object>()) : nullptr;
    if (!state || state->engine_ != engine) throw expected(at(), "a state of this engine", element);
    ids.push_back(state->id_);
  });
  return ids;
}

State::State(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Init& init = unwrap<Init>(info);
  engine_ = init.engine;
  id_ = init.id;
  model_ = Napi::Persistent(init.model);
  info.This().As<Napi::Object>().TypeTag(&tag);
}

State::~State() {
  if (engine_ && engine_->open() && !freed_) engine_->get().free_state(id_, [](auto) {});
}

Napi::Value State::info(const Napi::CallbackInfo& info) {
  return start<StateInfo>(info, engine_, plain<StateInfo>, [&](const Caller<StateInfo>& caller) {
           return caller.engine().state_info(id_, caller.done());
         }).promise;
}

Napi::Value State::fork(const Napi::CallbackInfo& info) {
  const auto to_state = [](Napi::Object self, const StateInfo& fork) {
    const State* from = Unwrap(self);
    return create(self.Env(), from->engine_, fork, from->model_.Value());
  };
  return start<StateInfo>(info, engine_, to_state, [&](const Caller<StateInfo>& caller) {
           return caller.engine().fork_state(id_, caller.done());
         }).promise;
}

Napi::Value State::feed(const Napi::CallbackInfo& info) {
  const auto to_fed = [](Napi::Object self, const FeedResult& fed) {
    auto o = to_js(self.Env(), StateInfo{0, 0, fed.tokens, fed.bytes});
    o.Set("ms", fed.ms);
    return o;
  };
  return job_of(info, start<FeedResult>(info, engine_, to_fed, [&](const Caller<FeedResult>& caller) {
                  const auto from = options(info[1]);
                  FeedRequest request{id_, ids(info[0]), chunk_of(from)};
                  const auto progress = caller.progress(progress_of(from));
                  return caller.engine().feed(std::move(request), progress, caller.done());
                }));
}

Napi::Value State::score(const Napi::CallbackInfo& info) {
  return job_of(info, start<ScoreResult>(info, engine_, plain<ScoreResult>, [&](const Caller<ScoreResult>& caller) {
                  const auto from = options(info[1]);
                  ScoreRequest request{id_, ids(info[0]), chunk_of(from)};
                  request.top = optional(from, "top", 0, [](auto& v, auto& name) { return whole(v, name); });
                  const auto progress = caller.progress(progress_of(from));
                  return caller.engine().score(std::move(request), progress, caller.done());
                }));
}

Napi::Value State::generate(const Napi::CallbackInfo& info) {
  using Result = GenerateResult;
  return job_of(info, start<Result>(info, engine_, plain<Result>, [&](const Caller<Result>& caller) {
                  GenerateRequest request = generate_request(info[0], id_);
                  const auto tokens = caller.tokens(function(info[1], "onTokens"));
                  const auto progress = caller.progress(optional_function(info[2], "onProgress"));
                  return caller.engine().generate(std::move(request), progress, tokens, caller.done());
                }));
}

Napi::Value State::save(const Napi::CallbackInfo& info) {
  return start<StateInfo>(info, engine_, plain<StateInfo>, [&](const Caller<StateInfo>& caller) {
           std::string note = text(info[1], "note");
           return caller.engine().save_state(id_, path(info[0]), std::move(note), caller.done());
         }).promise;
}

Napi::Value State::keep(const Napi::CallbackInfo& info) {
  return start<Kept>(info, engine_, plain<Kept>, [&](const Caller<Kept>& caller) {
           std::string note = text(info[1], "note");
           return caller.engine().keep_state(id_, path(info[0]), std::move(note), caller.done());
         }).promise;
}

Napi::Value State::free(const Napi::CallbackInfo& info) {
  return start<std::monostate>(info, engine_, nothing, [&](const Caller<std::monostate>& caller) {
           const JobId job = caller.engine().free_state(id_, caller.done());
           freed_ = true;
           return job;
         }).promise;
}

}  // namespace llamba::napi
