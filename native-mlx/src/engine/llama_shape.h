#pragma once

#include <string>
#include <vector>

#include "engine/checkpoint.h"

namespace llamba {

/** Sizes of a Llama; -1 where the tensor that tells is absent. */
struct LlamaShape {
  int vocabulary, width, blocks, heads, kv_heads, head_width, mlp_width;
  bool tied;
  float eps;
  /** Rope: pair i turns by position / wavelengths[i]; Llama-3's scaling stretches the long ones. [head_width / 2] */
  std::vector<float> wavelengths;
  std::vector<std::string> notes, faults;
};

LlamaShape llama_shape(const Checkpoint&);

}  // namespace llamba
