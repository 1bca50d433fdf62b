#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/checkpoint.h"
#include "engine/engine.h"
#include "engine/state.h"

namespace llamba {

/** Called between parts of long work, when what came before is computed; throws to give up. May be empty. */
using Pause = std::function<void()>;

/** A language model that is fed tokens and remembers them in Rows. Every call is on the engine thread. Hidden vectors
    are after the last norm. */
class Model {
 public:
  virtual ~Model() = default;
  const ModelInfo& info() const { return info_; }
  ModelInfo& info() { return info_; }

  virtual Rows fresh() const = 0;
  /** Feeds ids [B, L], L to each of B sequences, of which the first `valid` count; later ones are padding. Returns
      hidden [B, L, d], lazily. */
  virtual mlx::core::array chunk(const mlx::core::array& ids, int valid, Rows& rows, const Pause& pause) const = 0;
  /** Feeds one token to each of B sequences: ids [B]. Returns hidden [B, 1, d], lazily. */
  virtual mlx::core::array step(const mlx::core::array& ids, Rows& rows) const = 0;
  /** Logits [..., V] in float32 of hidden [..., d], lazily. */
  virtual mlx::core::array logits(const mlx::core::array& hidden) const = 0;

  virtual Rows stack(const std::vector<Rows>& rows) const = 0;
  virtual std::vector<Rows> split(const Rows& rows) const = 0;

  /** What is needed to undo feeding, as little as the model can do with; and the undoing. */
  virtual Rows bookmark(const Rows& rows) const = 0;
  virtual Rows rewind(const Rows& bookmark, const Rows& now) const = 0;

  /** As a state file holds them, without slack; and back. from_file checks shapes, throwing Error `state-mismatch`. */
  virtual Rows to_file(const Rows& rows) const = 0;
  virtual Rows from_file(Rows rows) const = 0;
  /** The type of activations, which hidden has. */
  virtual mlx::core::Dtype compute() const = 0;

 protected:
  ModelInfo info_{};
};

struct LoadOptions {
  std::function<void(int64_t done, int64_t total)> progress;
  Pause pause;
  /** Activations; by default float32 on the CPU, the checkpoint's own 16-bit type (else bfloat16) on a GPU. */
  std::optional<mlx::core::Dtype> compute;
};

/** Loads whatever spec 4.4 names from a directory or file. The model's info().id is left 0. */
std::unique_ptr<Model> load_model(const std::string& path, const LoadOptions& options);

}  // namespace llamba
