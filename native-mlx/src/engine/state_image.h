#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/model.h"
#include "engine/safetensors.h"
#include "engine/state.h"

namespace llamba {

/** What a state file holds, ready to be written. Made and destroyed on the engine thread; in between it is bytes that
    stay as they are, whatever becomes of the state, and any thread may write them: MLX is not called. */
struct StateImage {
  std::map<std::string, TensorEntry> tensors;        // offsets from the data's start
  std::map<std::string, std::string> metadata;       // all but the checksum
  std::vector<std::pair<const void*, size_t>> data;  // in the order of tensors
  std::vector<mlx::core::array> arrays;              // what keeps `data` alive
  int64_t tokens;
};

/** A reference to the state's arrays, not a copy, where the model holds them as its files do. */
StateImage image_of(const Model& model, const State& state, const std::string& note);

/** 16 hex digits over everything in a state file, but not over where in it: names, types, shapes, metadata (without
    the checksum itself) and data. Equal for equal content. */
std::string state_checksum(const std::map<std::string, TensorEntry>& tensors,
                           const std::map<std::string, std::string>& metadata,
                           const std::vector<std::pair<const void*, size_t>>& data);

/** Appears under its name only when complete. Errors: disk-full, file-unreadable. */
void write_image(const StateImage& image, const std::string& path);

/** The same under the name of its content, checksum + ".safetensors", in `folder`. What lies there whole already is left
    as it is. */
Kept keep_image(const StateImage& image, const std::string& folder);

}  // namespace llamba
