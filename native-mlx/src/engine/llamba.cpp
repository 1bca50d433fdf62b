#include "engine/llamba.h"

#include <iterator>

#include "engine/error.h"
#include "engine/host_op.h"
#include "engine/layers.h"
#include "engine/llamba_shape.h"
#include "kernels/matvec_cuda.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr float kEps = 1e-5f;  // in every block of every release (spec 2)
constexpr int kBlocksPerPause = 4;
// Sequences above which a step pauses between blocks too: what it holds meanwhile, old states and unpacked weights,
// would be as large as the states themselves.
constexpr int kManyRows = 32;

mx::array evaluated(mx::array a) {
  a.eval();
  return a;
}

}  // namespace

Llamba::Llamba(const Checkpoint& checkpoint, TensorReader& read)
    : embedding_{mx::array(0.0f), {}, {}, {}}, last_norm_(0.0f), compute_(read.compute()) {
  LlambaShape s = llamba_shape(checkpoint);
  for (const auto& fault : s.faults) read.fault(fault);
  shape_ = s.mixer;
  last_eps_ = s.last_eps;
  bool known = shape_.head_width > 0;
  int inner = known ? shape_.inner() : TensorReader::kAny;
  int convolved = known ? shape_.convolved() : TensorReader::kAny;
  int rows = known ? convolved + inner + shape_.heads : TensorReader::kAny;

  embedding_ = read.linear("embedding.encoder", s.vocabulary, s.width);
  for (int b = 0; b < s.blocks; ++b) {
    std::string mixer = "model.layers." + std::to_string(2 * b) + ".",
                mlp = "model.layers." + std::to_string(2 * b + 1) + ".";
    auto vector = [&](const std::string& leaf, int size, bool present) {
      return present ? read.tensor(mixer + "layer." + leaf, {size}, compute_) : evaluated(mx::zeros({size}, compute_));
    };
    mx::array mixer_norm = read.tensor(mixer + "norm.weight", {s.width}, compute_);
    Linear in_proj = read.linear(mixer + "layer.in_proj", rows, s.width);
    MixerWeights weights{read.tensor(mixer + "layer.conv_weight", {convolved, shape_.taps}, compute_),
                         vector("conv_bias", convolved, s.conv_bias || read.dry()),
                         vector("z_bias", inner, s.z_bias || read.dry()), vector("D", shape_.heads, true)};
    Linear out_proj = read.linear(mixer + "layer.out_proj", s.width, inner);
    mx::array mlp_norm = read.tensor(mlp + "norm.weight", {s.width}, compute_);
    std::vector<Linear> gate_up{read.linear(mlp + "layer.in_proj", s.mlp_width, s.width),
                                read.linear(mlp + "layer.gate_proj", s.mlp_width, s.width)};
    Linear down = read.linear(mlp + "layer.out_proj", s.width, s.mlp_width);
    if (read.dry()) continue;
    blocks_.push_back({mixer_norm, std::move(in_proj), std::move(weights), std::move(out_proj), mlp_norm,
                       llamba::stack(std::move(gate_up)), std::move(down)});
  }
  last_norm_ = read.tensor("model.norm.weight", {s.width}, compute_);
  if (!s.tied) head_ = read.linear("head.linear", s.vocabulary, s.width);

  info_.vocabulary = s.vocabulary;
  info_.width = s.width;
  info_.blocks = s.blocks;
  info_.heads = shape_.heads;
  info_.head_width = shape_.head_width;
  info_.state_size = shape_.state_size;
  info_.mlp_width = s.mlp_width;
  info_.notes = s.notes;
  info_.state_bytes_per_token = 0;
  if (read.dry()) return;
  info_.state_bytes = fresh().bytes();
  if (on_cpu()) {
    plan_step();
    return;
  }
  traced_ = mx::compile([this](const std::vector<mx::array>& in) {
    Rows rows{{in.begin() + 1, in.end()}, {}};
    mx::array hidden = folds(in[0].shape(0)) ? run_folded(in[0], rows) : run(in[0], nullptr, rows, {});
    std::vector<mx::array> out{hidden};
    out.insert(out.end(), rows.arrays.begin(), rows.arrays.end());
    return out;
  });
}

void Llamba::plan_step() {
  auto plan = std::make_shared<StepPlan>();
  int inner = shape_.inner();
  for (const Block& b : blocks_) {
    std::vector<StepPlan::Product> gate_up;
    for (const auto& part : b.gate_up.parts) gate_up.emplace_back(part, info_.width);
    plan->blocks.push_back({b.mixer_norm.data<float>(), StepPlan::Product(b.in_proj, info_.width),
                            b.mixer.conv_weight.data<float>(), b.mixer.conv_bias.data<float>(),
                            b.mixer.z_bias.data<float>(), b.mixer.D.data<float>(), StepPlan::Product(b.out_proj, inner),
                            b.mlp_norm.data<float>(), std::move(gate_up), StepPlan::Product(b.down, info_.mlp_width)});
  }
  plan->mixer = shape_;
  plan->width = info_.width;
  plan->mlp_width = info_.mlp_width;
  plan->eps = kEps;
  plan->last_eps = last_eps_;
  plan->last_norm = last_norm_.data<float>();
  plan_ = std::move(plan);
}

mx::Shape Llamba::shape_of(size_t i) const {
  return i % 2 == 0 ? mx::Shape{1, shape_.convolved(), shape_.taps - 1}
                    : mx::Shape{1, shape_.heads, shape_.head_width, shape_.state_size};
}

Rows Llamba::fresh() const {
  Rows rows{{}, {0}};
  for (size_t i = 0; i < 2 * blocks_.size(); ++i) rows.arrays.push_back(mx::zeros(shape_of(i), mx::float32));
  mx::eval(rows.arrays);
  return rows;
}

mx::array Llamba::run(const mx::array& ids, const mx::array* valid, Rows& rows, const Pause& pause) const {
  mx::array h = embedding_.rows(ids, compute_);
  mx::array u = rms_norm(h, blocks_[0].mixer_norm, kEps);
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const Block& block = blocks_[b];
    mx::array &conv = rows.arrays[2 * b], &S = rows.arrays[2 * b + 1];
    mx::array proj = block.in_proj(u);
    MixerOut out = valid ? mixer_chunk(proj, conv, S, *valid, block.mixer, shape_)
                         : mixer_step(proj, conv, S, block.mixer, shape_);
    conv = out.conv_state;
    S = out.ssm_state;
    std::tie(h, u) = add_rms_norm(h, block.out_proj(out.y), block.mlp_norm, kEps);
    bool last = b + 1 == blocks_.size();
    std::tie(h, u) = add_rms_norm(h, block.down(swiglu(block.gate_up(u))),
                                  last ? last_norm_ : blocks_[b + 1].mixer_norm, last ? last_eps_ : kEps);
    if (pause && b % kBlocksPerPause == kBlocksPerPause - 1) {
      mx::eval(h, u, conv, S);
      pause();
    }
  }
  return u;
}

bool Llamba::folds(int rows) const {
  const Block& block = blocks_[0];
  for (const Linear* l : {&block.in_proj, &block.out_proj, &block.down})
    if (!fits_matvec(*l, compute_, rows)) return false;
  return block.gate_up.parts.size() == 1 && fits_matvec(block.gate_up.parts[0], compute_, rows);
}

mx::array Llamba::run_folded(const mx::array& ids, Rows& rows) const {
  mx::array h = embedding_.rows(ids, compute_);
  for (size_t b = 0; b < blocks_.size(); ++b) {
    const Block& block = blocks_[b];
    const Linear &gate_up = block.gate_up.parts[0],
                 &after = b + 1 < blocks_.size() ? blocks_[b + 1].in_proj : head_ ? *head_ : embedding_;
    mx::array proj = matvec_cuda(block.in_proj, h,
                                 {.norm = &block.mixer_norm, .eps = kEps, .next = &block.out_proj.weight});
    MixerOut out = mixer_step(proj, rows.arrays[2 * b], rows.arrays[2 * b + 1], block.mixer, shape_);
    rows.arrays[2 * b] = out.conv_state;
    rows.arrays[2 * b + 1] = out.ssm_state;
    h = matvec_cuda(block.out_proj, out.y, {.residual = &h, .next = &gate_up.weight});
    mx::array gated = matvec_cuda(
        gate_up, h, {.norm = &block.mlp_norm, .eps = kEps, .swiglu = true, .next = &block.down.weight});
    h = matvec_cuda(block.down, gated, {.residual = &h, .next = &after.weight});
  }
  return rms_norm(h, last_norm_, last_eps_);
}

mx::array Llamba::chunk(const mx::array& ids, int valid, Rows& rows, const Pause& pause) const {
  std::vector<int32_t> each(rows.tokens.size(), valid);
  mx::array counts(each.begin(), {int(each.size())});
  mx::array hidden = run(ids, &counts, rows, pause);
  for (auto& tokens : rows.tokens) tokens += valid;
  return hidden;
}

mx::array Llamba::step(const mx::array& ids, Rows& rows) const {
  int count = ids.shape(0);
  mx::array column = mx::reshape(ids, {count, 1});
  for (auto& tokens : rows.tokens) ++tokens;
  if (plan_) return run_step(plan_, embedding_.rows(column, compute_), rows.arrays);
  if (count > kManyRows) return run(column, nullptr, rows, [] {});
  std::vector<mx::array> in{column};
  in.insert(in.end(), std::make_move_iterator(rows.arrays.begin()), std::make_move_iterator(rows.arrays.end()));
  std::vector<mx::array> out = traced_(in);
  rows.arrays.assign(out.begin() + 1, out.end());
  return out[0];
}

mx::array Llamba::logits(const mx::array& hidden) const {
  return (head_ ? *head_ : embedding_).wide(hidden);
}

Rows Llamba::stack(const std::vector<Rows>& rows) const {
  if (rows.size() == 1) return rows[0];
  Rows out;
  for (size_t i = 0; i < rows[0].arrays.size(); ++i) {
    std::vector<mx::array> parts;
    for (const auto& row : rows) parts.push_back(row.arrays[i]);
    out.arrays.push_back(mx::concatenate(std::move(parts), 0));
  }
  for (const auto& row : rows) out.tokens.push_back(row.tokens[0]);
  mx::eval(out.arrays);
  return out;
}

std::vector<Rows> Llamba::split(const Rows& rows) const {
  int count = int(rows.tokens.size());
  if (count == 1) return {rows};
  std::vector<Rows> out(count);
  for (const auto& whole : rows.arrays)
    for (int r = 0; r < count; ++r) {
      mx::Shape start(whole.ndim(), 0), stop = whole.shape();
      start[0] = r;
      stop[0] = r + 1;
      // A copy: a view would keep the whole batch alive as long as one of its sequences lives.
      out[r].arrays.push_back(mx::contiguous(mx::slice(whole, start, stop)));
    }
  for (int r = 0; r < count; ++r) {
    out[r].tokens = {rows.tokens[r]};
    mx::eval(out[r].arrays);
  }
  return out;
}

Rows Llamba::from_file(Rows rows) const {
  bool same = rows.arrays.size() == 2 * blocks_.size();
  for (size_t i = 0; same && i < rows.arrays.size(); ++i)
    same = rows.arrays[i].shape() == shape_of(i) && rows.arrays[i].dtype() == mx::float32;
  if (!same)
    throw Error("state-mismatch", "The state's arrays do not have this model's shapes.",
                "Read the text again with this model.");
  return rows;
}

}  // namespace llamba
