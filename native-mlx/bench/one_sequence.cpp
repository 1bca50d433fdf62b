// Decoding and reading through an Engine, as its callers have them.
#include <future>

#include "engine/engine.h"
#include "measuring.h"

namespace mx = mlx::core;

namespace llamba::bench {
namespace {

template <typename T>
std::pair<Done<T>, std::future<T>> settle() {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  auto done = [promise](Outcome<T> outcome) {
    if (auto* error = std::get_if<std::exception_ptr>(&outcome))
      promise->set_exception(*error);
    else
      promise->set_value(std::get<T>(std::move(outcome)));
  };
  return {done, std::move(future)};
}

template <typename T, typename F>
T wait(F start) {
  auto [done, future] = settle<T>();
  start(done);
  return future.get();
}

std::vector<int32_t> ids(int count) {
  std::vector<int32_t> out(count);
  for (int i = 0; i < count; ++i) out[i] = 1000 + int(uint32_t(i) * 2654435761u % 100'000u);
  return out;
}

struct Loaded {
  Engine engine;
  ModelInfo model;
  Loaded(const std::string& path, const std::string& where)
      : engine({where}), model(wait<ModelInfo>([&](auto done) { engine.load({path, {}}, {}, done); })) {}
  StateId fresh() {
    return wait<StateInfo>([&](auto done) { engine.create_state(model.id, done); }).id;
  }
  StateId fork(StateId s) {
    return wait<StateInfo>([&](auto done) { engine.fork_state(s, done); }).id;
  }
  FeedResult feed(StateId s, std::vector<int32_t> tokens, int chunk) {
    return wait<FeedResult>([&](auto done) { engine.feed({s, std::move(tokens), chunk}, {}, done); });
  }
  void free(StateId s) {
    wait<std::monostate>([&](auto done) { engine.free_state(s, done); });
  }
  GenerateResult generate(StateId s, int count, const Sampling& sampling) {
    GenerateRequest request;
    request.state = s;
    request.max_tokens = count;
    request.sampling = sampling;
    return wait<GenerateResult>([&](auto done) { engine.generate(request, {}, {}, done); });
  }
};

}  // namespace

void decode(const Options& o) {
  Loaded l(o.words.at(1), o.device());
  int count = o.number("tokens", 200), repeats = o.number("repeats", 5);
  Sampling sampling;
  if (o.named.count("temperature")) {
    sampling.temperature = std::stof(o.named.at("temperature"));
    sampling.top_k = 40;
    sampling.repetition_penalty = 1.1f;
  }
  for (int context : o.list("contexts", "0,1024")) {
    StateId state = l.fresh();
    FeedResult fed = l.feed(state, ids(std::max(context, 1)), 0);
    std::vector<double> rates;
    for (int r = 0; r <= repeats; ++r) {
      StateId own = l.fork(state);
      GenerateResult g = l.generate(own, count, sampling);
      if (r > 0) rates.push_back(double(g.generated_tokens) / g.decode_ms * 1000);
      l.free(own);
    }
    Line line("decode");
    line.add("model", l.model.name).add("context", context).add("tokens", count).add("temperature", sampling.temperature);
    line.add("tok_per_s", median(rates)).all("all", rates).add("weight_bytes", double(l.model.weight_bytes));
    line.add("gb_per_s", median(rates) * double(l.model.weight_bytes) / 1e9).add("state_bytes", double(fed.bytes));
    memory(line);
    l.free(state);
  }
}

void prefill(const Options& o) {
  Loaded l(o.words.at(1), o.device());
  for (int chunk : o.list("chunks", "0"))
    for (int length : o.list("lengths", "2048")) {
      std::vector<double> rates;
      mx::reset_peak_memory();
      for (int r = 0; r <= o.number("repeats", 3); ++r) {
        StateId state = l.fresh();
        FeedResult fed = l.feed(state, ids(length), chunk);
        if (r > 0) rates.push_back(length / fed.ms * 1000);
        l.free(state);
      }
      Line line("prefill");
      line.add("model", l.model.name).add("length", length).add("chunk", chunk);
      line.add("tok_per_s", median(rates)).all("all", rates);
      memory(line);
    }
}

}  // namespace llamba::bench
