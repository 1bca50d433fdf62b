#include "engine/llama.h"

#include <cmath>

#include "cpu/attention.h"
#include "engine/error.h"
#include "engine/host_op.h"
#include "engine/layers.h"
#include "engine/preflight.h"
#include "engine/rope_split.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kGrow = 256;  // tokens by which a cache grows, as mlx-lm's
constexpr int kBlocksPerPause = 4;

/** Positions from..to of [1, kv heads, T, D]. */
mx::array positions(const mx::array& cache, int64_t from, int64_t to) {
  mx::Shape start(4, 0), stop = cache.shape();
  start[2] = int(from);
  stop[2] = int(to);
  return mx::slice(cache, start, stop);
}

/** Writes `fresh` [1, kv heads, L, D] at position `at`, growing the cache by whole blocks where it is too short. */
void append(mx::array& cache, const mx::array& fresh, int64_t at) {
  int64_t end = at + fresh.shape(2), capacity = cache.shape(2);
  if (end > capacity) {
    int64_t more = (end - capacity + kGrow - 1) / kGrow * kGrow;
    mx::Shape shape = cache.shape();
    shape[2] = int(more);
    cache = mx::concatenate({cache, mx::zeros(shape, cache.dtype())}, 2);
  }
  mx::Shape start(4, 0), stop = cache.shape();
  start[2] = int(at);
  stop[2] = int(end);
  cache = mx::slice_update(cache, fresh, start, stop);
}

}  // namespace

Llama::Llama(const Checkpoint& checkpoint, TensorReader& read)
    : shape_(llama_shape(checkpoint)),
      wavelengths_(0.0f),
      embedding_{mx::array(0.0f), {}, {}, {}},
      last_norm_(0.0f),
      compute_(read.compute()) {
  const LlamaShape& s = shape_;
  for (const auto& fault : s.faults) read.fault(fault);
  int q = s.head_width > 0 ? s.heads * s.head_width : TensorReader::kAny;
  int kv = s.head_width > 0 ? s.kv_heads * s.head_width : TensorReader::kAny;
  embedding_ = read.linear("model.embed_tokens", s.vocabulary, s.width);
  for (int b = 0; b < s.blocks; ++b) {
    std::string block = "model.layers." + std::to_string(b) + ".", attention = block + "self_attn.",
                mlp = block + "mlp.";
    mx::array attention_norm = read.tensor(block + "input_layernorm.weight", {s.width}, compute_);
    std::vector<Linear> qkv{read.linear(attention + "q_proj", q, s.width),
                            read.linear(attention + "k_proj", kv, s.width),
                            read.linear(attention + "v_proj", kv, s.width)};
    Linear out = read.linear(attention + "o_proj", s.width, q);
    mx::array mlp_norm = read.tensor(block + "post_attention_layernorm.weight", {s.width}, compute_);
    std::vector<Linear> gate_up{read.linear(mlp + "gate_proj", s.mlp_width, s.width),
                                read.linear(mlp + "up_proj", s.mlp_width, s.width)};
    Linear down = read.linear(mlp + "down_proj", s.width, s.mlp_width);
    if (read.dry()) continue;
    blocks_.push_back({attention_norm, llamba::stack(std::move(qkv)), std::move(out), mlp_norm,
                       llamba::stack(std::move(gate_up)), std::move(down)});
  }
  last_norm_ = read.tensor("model.norm.weight", {s.width}, compute_);
  if (!s.tied) head_ = read.linear("lm_head", s.vocabulary, s.width);
  if (!read.dry()) {
    wavelengths_ = mx::array(s.wavelengths.begin(), {int(s.wavelengths.size())});
    wavelengths_.eval();
  }
  info_.vocabulary = s.vocabulary;
  info_.width = s.width;
  info_.blocks = s.blocks;
  info_.heads = s.heads;
  info_.head_width = s.head_width;
  info_.state_size = kv;
  info_.mlp_width = s.mlp_width;
  info_.notes = s.notes;
  info_.state_bytes = 0;
  info_.state_bytes_per_token = int64_t(2) * s.blocks * kv * int64_t(mx::size_of(compute_));
}

Rows Llama::fresh() const {
  Rows rows{{}, {0}};
  for (size_t i = 0; i < 2 * blocks_.size(); ++i)
    rows.arrays.push_back(mx::zeros({1, shape_.kv_heads, 0, shape_.head_width}, compute_));
  mx::eval(rows.arrays);
  return rows;
}

mx::array Llama::attend(const mx::array& qkv, size_t b, Rows& rows) const {
  int count = qkv.shape(0), length = qkv.shape(1);
  Heads all = rope_split(qkv, wavelengths_, rows.tokens, shape_.heads, shape_.kv_heads);
  float scale = 1.0f / std::sqrt(float(shape_.head_width));
  std::vector<mx::array> outputs;
  for (int r = 0; r < count; ++r) {
    auto own = [&](const mx::array& x) {
      return count == 1 ? x : mx::slice(x, {r, 0, 0, 0}, {r + 1, x.shape(1), length, x.shape(3)});
    };
    mx::array& keys = rows.arrays[2 * (r * blocks_.size() + b)];
    mx::array& values = rows.arrays[2 * (r * blocks_.size() + b) + 1];
    int64_t end = rows.tokens[r] + length;
    append(keys, own(all.k), rows.tokens[r]);
    append(values, own(all.v), rows.tokens[r]);
    mx::array seen_keys = positions(keys, 0, end), seen_values = positions(values, 0, end);
    outputs.push_back(on_cpu() ? cpu_attention(own(all.q), seen_keys, seen_values, scale, length > 1)
                               : mx::fast::scaled_dot_product_attention(own(all.q), seen_keys, seen_values, scale,
                                                                        length > 1 ? "causal" : ""));
  }
  mx::array y = count == 1 ? outputs[0] : mx::concatenate(std::move(outputs), 0);
  return mx::reshape(mx::transpose(y, {0, 2, 1, 3}), {count, length, shape_.heads * shape_.head_width});
}

mx::array Llama::run(const mx::array& ids, Rows& rows, const Pause& pause) const {
  mx::array h = embedding_.rows(ids, compute_);
  mx::array u = rms_norm(h, blocks_[0].attention_norm, shape_.eps);
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const Block& block = blocks_[b];
    std::tie(h, u) = add_rms_norm(h, block.out(attend(block.qkv(u), b, rows)), block.mlp_norm, shape_.eps);
    const mx::array& next = b + 1 == blocks_.size() ? last_norm_ : blocks_[b + 1].attention_norm;
    std::tie(h, u) = add_rms_norm(h, block.down(swiglu(block.gate_up(u))), next, shape_.eps);
    if (pause && b % kBlocksPerPause == kBlocksPerPause - 1) {
      mx::eval(h, u);
      pause();
    }
  }
  return u;
}

mx::array Llama::chunk(const mx::array& ids, int valid, Rows& rows, const Pause& pause) const {
  // Llama's memory grows: checked before, as MLX's CPU backend does not survive a failed malloc.
  require_memory(info_.state_bytes_per_token * ids.shape(0) * (ids.shape(1) + kGrow), "The Transformer's cache");
  mx::array hidden = run(ids, rows, pause);
  for (auto& tokens : rows.tokens) tokens += valid;
  return hidden;
}

mx::array Llama::step(const mx::array& ids, Rows& rows) const {
  mx::array hidden = run(mx::reshape(ids, {ids.shape(0), 1}), rows, {});
  for (auto& count : rows.tokens) ++count;
  return hidden;
}

mx::array Llama::logits(const mx::array& hidden) const {
  return (head_ ? *head_ : embedding_).wide(hidden);
}

Rows Llama::stack(const std::vector<Rows>& rows) const {
  Rows out;
  for (const auto& row : rows) {
    out.arrays.insert(out.arrays.end(), row.arrays.begin(), row.arrays.end());
    out.tokens.push_back(row.tokens[0]);
  }
  return out;
}

std::vector<Rows> Llama::split(const Rows& rows) const {
  std::vector<Rows> out;
  size_t each = 2 * blocks_.size();
  for (size_t r = 0; r < rows.tokens.size(); ++r)
    out.push_back({{rows.arrays.begin() + r * each, rows.arrays.begin() + (r + 1) * each}, {rows.tokens[r]}});
  return out;
}

Rows Llama::to_file(const Rows& rows) const {
  Rows out{{}, rows.tokens};
  for (const auto& cache : rows.arrays) out.arrays.push_back(mx::contiguous(positions(cache, 0, rows.tokens[0])));
  mx::eval(out.arrays);
  return out;
}

Rows Llama::from_file(Rows rows) const {
  mx::Shape expected{1, shape_.kv_heads, int(rows.tokens[0]), shape_.head_width};
  bool same = rows.arrays.size() == 2 * blocks_.size();
  for (size_t i = 0; same && i < rows.arrays.size(); ++i) same = rows.arrays[i].shape() == expected;
  if (!same)
    throw Error("state-mismatch", "The state's arrays do not have this model's shapes.",
                "Read the text again with this model.");
  for (auto& cache : rows.arrays) cache = mx::astype(cache, compute_);
  mx::eval(rows.arrays);
  return rows;
}

}  // namespace llamba
