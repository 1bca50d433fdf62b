#include "engine/prefill.h"

#include <algorithm>
#include <bit>

#include "engine/error.h"
#include "engine/host_op.h"
#include "kernels/gpu_kernel.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kChunkCpu = 128;
constexpr int kChunkMetal = 256;  // not measured: no Mac was at hand
constexpr int kChunkCuda = 2048;  // H100, 1B: 72,600 tokens/s against 15,800 at 256
constexpr int kMostChunk = 4096;
constexpr size_t kLeastPadded = 16;

/** On a GPU few different lengths, so that kernels and graphs are reused; the CPU has no such cost and is exact. */
size_t padded(size_t length, size_t chunk) {
  return on_cpu() ? length : std::min(std::max(std::bit_ceil(length), kLeastPadded), std::max(chunk, length));
}

mx::array positions(const mx::array& hidden, int from, int to) {
  return mx::slice(hidden, {0, from, 0}, {hidden.shape(0), to, hidden.shape(2)});
}

}  // namespace

void check_ids(const std::vector<int32_t>& ids, const Model& model) {
  for (int32_t id : ids)
    if (id < 0 || id >= model.info().vocabulary)
      throw Error("bad-request",
                  "Token " + std::to_string(id) + " is not in the model's vocabulary of " +
                      std::to_string(model.info().vocabulary) + ".",
                  "Use the tokenizer that belongs to the model.");
}

int suitable_chunk() { return on_cpu() ? kChunkCpu : on_cuda() ? kChunkCuda : kChunkMetal; }

mx::array feed_rows(const Model& model, const std::vector<int32_t>& ids, Rows& rows, size_t chunk, const Pause& pause) {
  size_t count = rows.tokens.size(), length = padded(ids.size(), chunk);
  std::vector<int32_t> all(count * length, 0);
  for (size_t row = 0; row < count; ++row) std::copy(ids.begin(), ids.end(), all.begin() + row * length);
  mx::array hidden = model.chunk(mx::array(all.begin(), {int(count), int(length)}), int(ids.size()), rows, pause);
  return ids.size() == length ? hidden : positions(hidden, 0, int(ids.size()));
}

State bookmark(const Model& model, const State& state) {
  return {state.model, model.bookmark(state.rows), state.hidden, state.recent};
}

void rewind(const Model& model, State& state, const State& bookmark) {
  state = {bookmark.model, model.rewind(bookmark.rows, state.rows), bookmark.hidden, bookmark.recent};
}

Prefill::Prefill(const Model& model, State& state, std::vector<int32_t> ids, int chunk)
    : model_(model), state_(state), ids_(std::move(ids)), before_(bookmark(model, state)) {
  require_rows(state);
  check_ids(ids_, model);
  if (chunk < 0 || chunk > kMostChunk)
    throw Error("bad-request", "A chunk has 1 to " + std::to_string(kMostChunk) + " tokens.",
                "Leave the chunk size out.");
  chunk_ = chunk > 0 ? chunk : suitable_chunk();
}

mx::array Prefill::next(const Pause& pause) {
  std::vector<int32_t> ids(ids_.begin() + fed_, ids_.begin() + fed_ + std::min(chunk_, ids_.size() - fed_));
  int count = int(ids.size());
  mx::array hidden = feed_rows(model_, ids, state_.rows, chunk_, pause);
  // Not a view, and mx::copy gives one: the state would keep the whole chunk's hidden vectors alive.
  mx::array last = mx::contiguous(positions(hidden, count - 1, count));
  std::vector<mx::array> outputs = state_.rows.arrays;
  outputs.push_back(hidden);
  outputs.push_back(last);
  mx::eval(std::move(outputs));
  // eval does not wait for a GPU to give back what its kernels used: two chunks' memory could be held at once.
  if (!on_cpu()) mx::synchronize();
  state_.hidden = last;
  state_.remember(ids.data(), count);
  fed_ += count;
  return hidden;
}

void Prefill::undo() { rewind(model_, state_, before_); }

}  // namespace llamba
