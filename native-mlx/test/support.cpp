#include "support.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "engine/rng.h"

namespace fs = std::filesystem;

namespace llamba::test {

bool on_gpu() {
  const char* wanted = std::getenv("LLAMBA_TEST_DEVICE");
  return wanted && std::string(wanted) == "gpu";
}

mx::Device device() { return on_gpu() ? mx::Device::gpu : mx::Device::cpu; }

fs::path fixtures() {
  const char* given = std::getenv("LLAMBA_FIXTURES");
  return given ? fs::path(given) : fs::path(__FILE__).parent_path() / ".." / ".." / "test" / "fixtures";
}

TempDir::TempDir() {
  static std::atomic<int> count{0};
  path = fs::temp_directory_path() / ("llamba-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
  fs::create_directories(path);
}

TempDir::~TempDir() { fs::remove_all(path); }

std::unique_ptr<Model> load(const fs::path& path, bool half) {
  LoadOptions options;
  if (!half) options.compute = mx::float32;
  return load_model(path.string(), options);
}

Golden golden(const std::string& case_name) {
  auto [tensors, metadata] = mx::load_safetensors((fixtures() / case_name / "golden.safetensors").string());
  for (auto& [name, tensor] : tensors) tensor.eval();
  return tensors;
}

std::vector<int32_t> ids_of(const mx::array& a) { return {a.data<int32_t>(), a.data<int32_t>() + a.size()}; }

float relative(const mx::array& got, const mx::array& expected) {
  mx::array flat = mx::reshape(got, expected.shape());
  mx::array worst = mx::max(mx::abs(mx::subtract(flat, expected)));
  return mx::divide(worst, mx::max(mx::abs(expected))).item<float>();
}

float tolerance() { return on_gpu() ? 1e-4f : 1e-5f; }

State fresh(const Model& model) { return {model.info().id, model.fresh(), {}, {}}; }

mx::array feed(const Model& model, State& state, const std::vector<int32_t>& ids, int chunk) {
  Prefill prefill(model, state, ids, chunk);
  std::vector<mx::array> logits;
  while (!prefill.finished()) {
    logits.push_back(mx::squeeze(model.logits(mx::contiguous(prefill.next({}))), 0));
    logits.back().eval();
  }
  return mx::concatenate(logits, 0);
}

mx::array feed_stepwise(const Model& model, State& state, const std::vector<int32_t>& ids) {
  std::vector<mx::array> logits;
  for (int32_t id : ids) {
    mx::array hidden = model.step(mx::array({id}), state.rows);
    logits.push_back(mx::squeeze(model.logits(hidden), 0));
    std::vector<mx::array> all = state.rows.arrays;
    all.push_back(logits.back());
    mx::eval(all);
  }
  return mx::concatenate(logits, 0);
}

std::vector<int32_t> some_ids(int count, int vocabulary, uint64_t seed) {
  Rng rng(seed);
  std::vector<int32_t> ids(count);
  for (auto& id : ids) id = int32_t(rng.next() % uint64_t(vocabulary));
  return ids;
}

State check_greedy(const Model& model, const Golden& gold) {
  State state = fresh(model);
  mx::array logits = feed(model, state, ids_of(gold.at("short.input_ids")), 0);
  mx::array row = mx::slice(logits, {logits.shape(0) - 1, 0}, logits.shape());
  std::vector<int32_t> tokens;
  for (size_t i = 0; i < gold.at("greedy.tokens").size(); ++i) {
    tokens.push_back(int32_t(mx::argmax(row).item<uint32_t>()));
    row = feed_stepwise(model, state, {tokens.back()});
  }
  CHECK(tokens == ids_of(gold.at("greedy.tokens")));
  CHECK(relative(row, gold.at("greedy.next_logits")) < tolerance());
  return state;
}

}  // namespace llamba::test
