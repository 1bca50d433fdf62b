#pragma once

#include <string>
#include <vector>

#include "engine/checkpoint.h"
#include "kernels/ssd.h"

namespace llamba {

/** Every size of a Llamba (spec 1), from tensor shapes; -1 (TensorReader::kAny) where the tensor that tells is absent.
 */
struct LlambaShape {
  int vocabulary, width, blocks, mlp_width;
  MixerShape mixer;
  bool tied;    // no head of its own
  bool z_bias;  // absent in the linear-bias variant of the PyTorch code
  bool conv_bias;
  float last_eps;  // of the last norm; the blocks' is always 1e-5
  std::vector<std::string> notes;
  std::vector<std::string> faults;
};

LlambaShape llamba_shape(const Checkpoint&);

}  // namespace llamba
