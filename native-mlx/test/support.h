#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/model.h"
#include "engine/prefill.h"
#include "mlx/mlx.h"

namespace llamba::test {

namespace mx = mlx::core;

/** The CPU, or the GPU when LLAMBA_TEST_DEVICE=gpu. */
mx::Device device();
bool on_gpu();
/** New operations run on `there` while this lives. */
struct On {
  explicit On(mx::Device there) { mx::set_default_device(there); }
  ~On() { mx::set_default_device(device()); }
};

/** test/fixtures, or LLAMBA_FIXTURES. */
std::filesystem::path fixtures();
/** A folder that is removed with this. */
struct TempDir {
  TempDir();
  ~TempDir();
  std::string operator/(const std::string& name) const { return (path / name).string(); }
  std::filesystem::path path;
};

std::unique_ptr<Model> load(const std::filesystem::path& path, bool half = false);

/** Tensors of a golden.safetensors, evaluated. */
using Golden = std::unordered_map<std::string, mx::array>;
Golden golden(const std::string& case_name);  // "llamba/fp32-untied"
std::vector<int32_t> ids_of(const mx::array& a);

/** Largest difference over the largest magnitude of `expected`. */
float relative(const mx::array& got, const mx::array& expected);
/** What the goldens allow: 1e-5 on a CPU, 1e-4 on a GPU. */
float tolerance();

State fresh(const Model& model);
/** Feeds all ids; returns logits [L, V] of every position. */
mx::array feed(const Model& model, State& state, const std::vector<int32_t>& ids, int chunk);
/** The same, one step at a time. */
mx::array feed_stepwise(const Model& model, State& state, const std::vector<int32_t>& ids);
/** Feeds a golden's prompt `short`, then writes greedily; checks its tokens and last logits. Gives the state after. */
State check_greedy(const Model& model, const Golden& gold);
/** Deterministic ids below `vocabulary`. */
std::vector<int32_t> some_ids(int count, int vocabulary, uint64_t seed);

/** The code of the Error that f throws, "" when it throws none. */
template <typename F>
std::string code_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code;
  }
  return "";
}
template <typename F>
std::string message_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace llamba::test
