#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <variant>
#include <vector>

namespace llamba::napi {

class Realm;

/** Names one call of JS under way; never used twice in a realm. */
using CallKey = uint32_t;

struct Progressed {
  int64_t done, total;
};
/** Runs on the JS thread. Carries native data only, so it may be dropped on any thread. */
using Delivery = std::function<void(Realm&)>;

struct Message {
  CallKey call;
  std::variant<std::vector<int32_t>, Progressed, Delivery> what;
};

/** What the engine's thread has to say to JS. Writers never wait for JS: they append under a mutex and queue at most one
    wake-up; a busy JS side then finds its tokens in one batch and only the latest progress. */
class Outbox {
 public:
  /** On the JS thread; wakes `realm`, which must live as long as the environment. */
  Outbox(Napi::Env env, Realm& realm);

  /** From any thread; dropped once closed. */
  void tokens(CallKey call, const std::vector<int32_t>& ids);
  void progress(CallKey call, int64_t done, int64_t total);
  void deliver(CallKey call, Delivery delivery);

  /** JS thread: everything written so far, in order. */
  std::vector<Message> take();
  /** JS thread: whether the event loop must stay alive for what is to come. */
  void keep_loop_alive(Napi::Env env, bool alive);
  /** From now on nothing is written and nobody woken. */
  void close();

 private:
  Message* latest_of(CallKey call);
  void wake();

  napi_threadsafe_function wake_ = nullptr;
  std::mutex mutex_;  // guards what follows
  std::vector<Message> messages_;
  bool woken_ = false;
  bool open_ = true;
};

}  // namespace llamba::napi
