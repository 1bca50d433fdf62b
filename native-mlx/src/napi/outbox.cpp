#include "napi/outbox.h"

#include <algorithm>

#include "napi/realm.h"

namespace llamba::napi {

namespace {

// `env` is null when the queue is emptied after the environment's end.
void on_wake(napi_env env, napi_value, void* realm, void*) {
  if (env) static_cast<Realm*>(realm)->drain();
}

}  // namespace

Outbox::Outbox(Napi::Env env, Realm& realm) {
  // Queue size 0 is unlimited; there is never more than one entry. It is not released: the environment closes it after
  // the realm's cleanup hook has been set up, hence before that hook runs.
  const auto status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "llamba outbox"), 0, 1, nullptr,
                                      nullptr, &realm, on_wake, &wake_);
  if (status != napi_ok) throw Napi::Error::New(env, "The addon could not set up its wake-up call.");
  keep_loop_alive(env, false);
}

void Outbox::tokens(CallKey call, const std::vector<int32_t>& ids) {
  std::lock_guard lock(mutex_);
  if (!open_) return;
  Message* latest = latest_of(call);
  auto* batch = latest ? std::get_if<std::vector<int32_t>>(&latest->what) : nullptr;
  if (batch) {
    batch->insert(batch->end(), ids.begin(), ids.end());
  } else {
    messages_.push_back({call, ids});
  }
  wake();
}

void Outbox::progress(CallKey call, int64_t done, int64_t total) {
  std::lock_guard lock(mutex_);
  if (!open_) return;
  Message* latest = latest_of(call);
  auto* earlier = latest ? std::get_if<Progressed>(&latest->what) : nullptr;
  if (earlier) {
    *earlier = {done, total};
  } else {
    messages_.push_back({call, Progressed{done, total}});
  }
  wake();
}

void Outbox::deliver(CallKey call, Delivery delivery) {
  std::lock_guard lock(mutex_);
  if (!open_) return;
  messages_.push_back({call, std::move(delivery)});
  wake();
}

std::vector<Message> Outbox::take() {
  std::lock_guard lock(mutex_);
  woken_ = false;
  return std::exchange(messages_, {});
}

void Outbox::keep_loop_alive(Napi::Env env, bool alive) {
  alive ? napi_ref_threadsafe_function(env, wake_) : napi_unref_threadsafe_function(env, wake_);
}

void Outbox::close() {
  std::lock_guard lock(mutex_);
  open_ = false;
  messages_.clear();
}

Message* Outbox::latest_of(CallKey call) {
  const auto found = std::find_if(messages_.rbegin(), messages_.rend(), [&](const Message& m) { return m.call == call; });
  return found == messages_.rend() ? nullptr : &*found;
}

void Outbox::wake() {
  if (woken_) return;
  woken_ = true;
  // Anything but napi_ok means that the environment is ending; the function must not be touched again.
  if (napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking) != napi_ok) open_ = false;
}

}  // namespace llamba::napi
