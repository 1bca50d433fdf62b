#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/json.h"
#include "engine/safetensors.h"

namespace llamba {

/** A finite number, a whole one from 0 to 2^31 - 1; nothing for anything else. */
std::optional<double> as_number(const Json* json);
std::optional<int> as_size(const Json* json);

/** Model files whose headers were read and whose tensors carry one set of names, whatever wrote them (spec 4.4):
    Llamba's are cartesia-mlx's (4.1), Llama's mlx-lm's. */
struct Checkpoint {
  struct Tensor {
    size_t file;         // index into files
    std::string stored;  // its name in that file
    TensorEntry entry;
  };
  std::string architecture;  // "llamba" | "llama"
  std::string format;        // "cartesia-mlx" | "hub" | "mlx-lm" | "llamba"
  std::string name;
  std::vector<SafetensorsHeader> files;
  std::map<std::string, Tensor> tensors;
  Json config;    // config.json; null when there is none
  Json metadata;  // the header's dotted keys as one flat object of parsed values

  const Tensor* find(const std::string& name) const;
  /** A member of config.json as a number, size, word or truth; nothing where it is absent or of another kind. */
  template <typename... Keys>
  std::optional<double> number(Keys... keys) const {
    return as_number(config.path(keys...));
  }
  template <typename... Keys>
  std::optional<int> size(Keys... keys) const {
    return as_size(config.path(keys...));
  }
  template <typename... Keys>
  std::optional<std::string> word(Keys... keys) const {
    const Json* at = config.path(keys...);
    return at && at->string() ? std::optional(*at->string()) : std::nullopt;
  }
  template <typename... Keys>
  std::optional<bool> truth(Keys... keys) const {
    const Json* at = config.path(keys...);
    return at && at->boolean() ? std::optional(*at->boolean()) : std::nullopt;
  }
};

/** Opens a directory or one .safetensors file, reading headers and config.json only. Throws Errors model-not-found,
    model-invalid, file-unreadable, tensor-missing (a shard), unsupported. */
Checkpoint open_checkpoint(const std::string& path);

/** 16 hex digits over names, types, shapes, sizes and the first bytes of every tensor: equal for equal models, and
    different for two trainings of one architecture. */
std::string fingerprint(const Checkpoint&);

}  // namespace llamba
