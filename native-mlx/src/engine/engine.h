#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace llamba {

using ModelId = uint32_t;
using StateId = uint32_t;
using JobId = uint32_t;

/** What the job produced, or why it failed (an Error, or std::bad_alloc and the like). */
template <typename T>
using Outcome = std::variant<T, std::exception_ptr>;

/** Called once, on a thread of the engine's. Must not block: it hands the outcome to an outbox. */
template <typename T>
using Done = std::function<void(Outcome<T>)>;

struct ModelInfo {
  ModelId id;
  std::string architecture;  // "llamba" | "llama"
  std::string format;        // "cartesia-mlx" | "hub" | "mlx-lm" | "llamba"
  std::string name;
  std::string fingerprint;   // hex; equal for equal weights' headers and sizes, stored in state files
  int vocabulary, width, blocks, heads, head_width, state_size, mlp_width;
  int64_t parameters;
  int64_t weight_bytes;
  int64_t state_bytes;            // of one fresh state; constant for Llamba
  int64_t state_bytes_per_token;  // growth: 0 for Llamba, the KV cache's for Llama
  int bits, group_size;           // of most quantized tensors; 0 when none is
  std::vector<std::string> notes;  // where shapes and configuration disagree (spec 4.4 rule 2)
};

struct StateInfo {
  StateId id;
  ModelId model;
  int64_t tokens;  // fed so far
  int64_t bytes;
};

struct Kept {
  std::string file;  // its name: checksum and ".safetensors"
  int64_t tokens;
  int64_t bytes;  // of the file
};

struct LoadRequest {
  std::string path;                 // a directory or one .safetensors file
  std::vector<std::string> pieces;  // bytes of each token id; needed for stop strings only
};

struct FeedRequest {
  StateId state;
  std::vector<int32_t> ids;
  int chunk = 0;  // tokens a prefill chunk; 0: the model's own choice
};
struct FeedResult {
  int64_t tokens;  // in the state now
  int64_t bytes;   // of the state now
  double ms;
};

struct ScoreRequest {
  StateId state;
  std::vector<int32_t> ids;
  int chunk = 0;
  int top = 0;
};
/** Natural logarithms. logprobs[i] = log P(ids[i] | state, ids[0..i-1]); when the state was fresh, logprobs[0] has no
    meaning and is NaN. Row i of top_* are the most probable ids after ids[i], best first. */
struct ScoreResult {
  std::vector<float> logprobs;
  std::vector<int32_t> top_ids;     // [ids, top]
  std::vector<float> top_logprobs;  // [ids, top]
};

struct LikelihoodsRequest {
  ModelId model;
  std::vector<StateId> states;  // of this model, none of them fresh
  std::vector<int32_t> ids;
};

struct Sampling {
  float temperature = 0;  // 0 = greedy
  int top_k = 0;          // 0 = off
  float top_p = 1;
  float min_p = 0;
  float repetition_penalty = 1;
  int repetition_window = 256;  // latest tokens of the sequence that the penalty looks at
  uint64_t seed = 0;
  std::vector<std::pair<int32_t, float>> logit_bias;
};

struct GenerateRequest {
  StateId state;
  std::vector<int32_t> ids;  // fed first; may be empty only when the state was left by a feed or generate
  int max_tokens = 512;
  Sampling sampling;
  std::vector<int32_t> stop_ids;
  std::vector<std::string> stop_strings;  // bytes
};
/** The law: when generate ends, for whatever reason, the state has been fed the prompt and every emitted token, and
    nothing else. A stop id is neither emitted nor fed; the token completing a stop string is both. */
struct GenerateResult {
  std::string reason;  // "stop-id" | "stop-string" | "length" | "cancelled"
  int32_t stop_id = -1;
  std::string stop_string;
  int64_t prompt_tokens, generated_tokens;
  int64_t state_tokens;
  double prefill_ms, ttft_ms, decode_ms;  // ttft: from the request's arrival at the engine to its first token
};

struct QuantizeRequest {
  std::vector<uint8_t> data;  // [rows, columns] of `dtype`, little end first
  std::string dtype;          // "F32" | "F16" | "BF16"
  int rows, columns, bits, group_size;
};
/** As a model's file holds them (spec 4.2). */
struct Quantized {
  std::vector<uint8_t> words;            // [rows, columns * bits / 32] uint32
  std::vector<uint8_t> scales, offsets;  // [rows, columns / group_size] of `dtype`
  std::string dtype;                     // "F16" for an F16 matrix, else "BF16"
};

/** Progress of a load (bytes), of a feed (tokens), of what its own request says. */
using Progress = std::function<void(int64_t done, int64_t total)>;
/** New tokens of one sequence, in order. */
using Tokens = std::function<void(const std::vector<int32_t>&)>;

struct EngineOptions {
  std::string device;               // "" (best), "cpu", "gpu"
  int threads = 0;                  // of our CPU kernels; 0 = one a physical core
  int64_t cache_limit = 256 << 20;  // bytes MLX may keep for reuse
};

/** Owns the one thread on which every MLX object lives, and one that only writes kept states to files. All members may be called from any thread and return at once;
    work is queued. Generations of one model step together as a batch: a sequence joins after its prefill and leaves at
    its stop; prefill chunks of others are interleaved between steps. */
class Engine {
 public:
  explicit Engine(EngineOptions options);
  ~Engine();  // cancels everything, joins the threads

  JobId load(LoadRequest, Progress, Done<ModelInfo>);
  JobId unload(ModelId, Done<std::monostate>);  // frees the model's states too

  JobId create_state(ModelId, Done<StateInfo>);
  JobId fork_state(StateId, Done<StateInfo>);  // a reference, not a copy
  JobId free_state(StateId, Done<std::monostate>);
  JobId state_info(StateId, Done<StateInfo>);
  /** Writes to a temporary name, syncs, renames. `note` is stored beside the state (template hash and the like). */
  JobId save_state(StateId, std::string path, std::string note, Done<StateInfo>);
  /** As save_state, but written in the background under the name of its content: a file of that name that is there is
      left as it is. The state may be changed or freed meanwhile; closing the engine finishes what was begun. */
  JobId keep_state(StateId, std::string folder, std::string note, Done<Kept>);
  /** Refuses, by a named Error, a file of another model or version, a truncated or altered one. */
  JobId load_state(ModelId, std::string path, Done<std::pair<StateInfo, std::string>>);

  JobId feed(FeedRequest, Progress, Done<FeedResult>);
  JobId score(ScoreRequest, Progress, Done<ScoreResult>);
  /** log P(ids | state) for each of the states, which stay as they are; the ids of several are fed as one batch. Progress
      is of states. */
  JobId likelihoods(LikelihoodsRequest, Progress, Done<std::vector<double>>);
  JobId generate(GenerateRequest, Progress, Tokens, Done<GenerateResult>);

  /** Of some rows of a matrix: nothing is kept. */
  JobId quantize(QuantizeRequest, Done<Quantized>);

  /** Bytes a second of the device's memory (memory_speed.h). */
  JobId memory_speed(Done<double>);

  void cancel(JobId);      // within one chunk or one step
  void drop_caches();      // memory pressure: give MLX's cached buffers back
  void abort_for_tests();  // calls std::abort() on the engine thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace llamba
