// Llamba against the reference's own numbers (test/fixtures/llamba): logits at every position, states, greedy tokens.
#include <doctest/doctest.h>

#include "engine/layers.h"
#include "support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

struct Case {
  std::string name, path;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* name : {"fp32-untied", "q4g64-untied", "q4g128-untied", "q8g64-mixed", "bf16-tied"})
    all.push_back({std::string("llamba/") + name, std::string("llamba/") + name + "/model"});
  all.push_back({"llamba/bf16-tied", "llamba/bf16-tied/hub"});
  return all;
}

void check_states(const State& state, const Golden& gold, const std::string& prefix) {
  size_t last = state.rows.arrays.size() - 2;
  for (auto [tag, at] : {std::pair("first", size_t(0)), std::pair("last", last)}) {
    CHECK(relative(state.rows.arrays[at], gold.at(prefix + tag + ".conv_state")) < tolerance());
    CHECK(relative(state.rows.arrays[at + 1], gold.at(prefix + tag + ".ssm_state")) < tolerance());
  }
}

/** `logits` [L, V] of all positions, against what the fixture keeps. */
void check_logits(const mx::array& logits, const Golden& gold, const std::string& prompt) {
  int length = logits.shape(0), vocabulary = logits.shape(1);
  mx::array last = mx::slice(logits, {length - 1, 0}, {length, vocabulary});
  CHECK(relative(last, gold.at(prompt + ".logits_last")) < tolerance());
  auto all = gold.find(prompt + ".logits_all");
  if (all != gold.end()) CHECK(relative(logits, all->second) < tolerance());
}

}  // namespace

TEST_CASE("Llamba equals the goldens for every chunk size") {
  for (const Case& c : cases()) {
    auto model = load(fixtures() / c.path);
    Golden gold = golden(c.name);
    for (const char* prompt : {"one", "two", "short", "long"})
      for (int chunk : {1, 7, 64, 128, 4096}) {
        CAPTURE(c.path);
        CAPTURE(prompt);
        CAPTURE(chunk);
        State state = fresh(*model);
        check_logits(feed(*model, state, ids_of(gold.at(std::string(prompt) + ".input_ids")), chunk), gold, prompt);
        check_states(state, gold, std::string(prompt) + ".prefill.");
      }
  }
}

TEST_CASE("Llamba equals the goldens step by step") {
  for (const Case& c : cases()) {
    CAPTURE(c.path);
    auto model = load(fixtures() / c.path);
    Golden gold = golden(c.name);
    State state = fresh(*model);
    check_logits(feed_stepwise(*model, state, ids_of(gold.at("long.input_ids"))), gold, "long");
    check_states(state, gold, "long.prefill.");
  }
}

TEST_CASE("Llamba chooses the goldens' greedy tokens") {
  for (const Case& c : cases()) {
    CAPTURE(c.path);
    auto model = load(fixtures() / c.path);
    Golden gold = golden(c.name);
    State state = check_greedy(*model, gold);
    check_states(state, gold, "greedy.final.");
  }
}

TEST_CASE("On a GPU, in 16 bits, Llamba stays near the goldens, in chunks and step by step") {
  if (!on_gpu()) return;
  for (const Case& c : cases()) {
    CAPTURE(c.path);
    auto model = load(fixtures() / c.path, true);
    CHECK(model->compute() != mx::float32);
    Golden gold = golden(c.name);
    std::vector<int32_t> ids = ids_of(gold.at("long.input_ids"));
    State chunked = fresh(*model), stepped = fresh(*model);
    mx::array a = feed(*model, chunked, ids, 0), b = feed_stepwise(*model, stepped, ids);
    mx::array last = mx::slice(a, {a.shape(0) - 1, 0}, a.shape()), step = mx::slice(b, {b.shape(0) - 1, 0}, b.shape());
    MESSAGE(c.path << ": chunks " << relative(last, gold.at("long.logits_last")) << ", steps "
                   << relative(step, gold.at("long.logits_last")));
    CHECK(relative(last, gold.at("long.logits_last")) < 0.04);
    CHECK(relative(step, gold.at("long.logits_last")) < 0.04);
  }
}

TEST_CASE("The embedded model says the same in chunks and step by step") {
  auto model = load(fixtures() / ".." / ".." / "models" / "embedded" / "llamba-135m");
  CHECK(model->info().format == "llamba");
  CHECK(model->info().notes.empty());
  CHECK(model->info().bits == 4);
  std::vector<int32_t> ids = some_ids(40, model->info().vocabulary, 2);
  State chunked = fresh(*model), stepped = fresh(*model);
  CHECK(relative(feed(*model, chunked, ids, 16), feed_stepwise(*model, stepped, ids)) < 10 * tolerance());
}

TEST_CASE("After a chunk the state does not keep the hidden vectors of all its tokens") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  State state = fresh(*model);
  feed(*model, state, some_ids(1000, model->info().vocabulary, 1), 1000);
  CHECK(state.hidden->buffer_size() <= state.hidden->nbytes() + 16384);  // what MLX's contiguous may leave as it is
}

TEST_CASE("Padding after a chunk's tokens changes nothing") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  std::vector<int32_t> ids = some_ids(37, model->info().vocabulary, 1);
  State plain = fresh(*model), padded = fresh(*model);
  feed(*model, plain, ids, 64);
  std::vector<int32_t> longer = ids;
  longer.resize(64, 3);
  mx::eval(model->chunk(mx::array(longer.begin(), {1, 64}), 37, padded.rows, {}));
  CHECK(padded.rows.tokens == plain.rows.tokens);
  for (size_t i = 0; i < plain.rows.arrays.size(); ++i)
    CHECK(relative(padded.rows.arrays[i], plain.rows.arrays[i]) < tolerance() / 10);
}

TEST_CASE("RMSNorm: eps is 1e-5 inside the root, the mean is over all") {
  // Small inputs, where eps decides: mean square 1e-5 makes the factor 1 / sqrt(2e-5).
  int width = 100;
  float small = std::sqrt(1e-5f);
  mx::array x = mx::full({3, width}, small), w = mx::full({width}, 2.0f);
  float expected = small / std::sqrt(2e-5f) * 2;
  CHECK(relative(rms_norm(x, w, 1e-5f), mx::full({3, width}, expected)) < 1e-6);
  mx::array minus = mx::full({3, width}, -small / 2);
  auto [sum, normed] = add_rms_norm(mx::full({3, width}, small * 1.5f), minus, w, 1e-5f);
  CHECK(relative(sum, x) < 1e-6);
  CHECK(relative(normed, mx::full({3, width}, expected)) < 1e-6);
}

TEST_CASE("SwiGLU is silu(gate) times up") {
  for (int width : {5, 64, 300}) {
    mx::array in = mx::multiply(mx::random::normal({7, 2 * width}, mx::float32, mx::random::key(2)), mx::array(6.0f));
    auto halves = mx::split(in, 2, -1);
    mx::array expected = mx::multiply(mx::multiply(halves[0], mx::sigmoid(halves[0])), halves[1]);
    CHECK(relative(swiglu(mx::contiguous(in)), expected) < 1e-6);
  }
  mx::array extreme({-500.0f, -90.0f, 90.0f, 500.0f, 1.0f, 1.0f, 1.0f, 1.0f}, {1, 8});
  mx::array out = swiglu(extreme);
  CHECK(mx::all(mx::isfinite(out)).item<bool>());
  CHECK(mx::take(mx::flatten(out), 3).item<float>() == doctest::Approx(500));
}
