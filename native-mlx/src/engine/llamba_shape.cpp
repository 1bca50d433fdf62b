#include "engine/llamba_shape.h"

#include <algorithm>

#include "engine/tensor_reader.h"

namespace llamba {
namespace {

constexpr int kAny = TensorReader::kAny;
constexpr int kDefaultTaps = 4;

std::string layer(int block, bool mlp) { return "model.layers." + std::to_string(2 * block + mlp) + "."; }

/** A value of the flat metadata of cartesia-mlx files. */
const Json* meta(const Checkpoint& c, const std::string& key) { return c.metadata.find(key); }

/** Model width from an unquantized vector: a quantized embedding does not tell it. */
int width_of(const Checkpoint& c) {
  for (const char* name : {"model.norm.weight", "model.layers.0.norm.weight", "model.layers.1.norm.weight"})
    if (int d = dimension(c, name, 0); d != kAny) return d;
  return c.find("embedding.encoder.scales") ? kAny : dimension(c, "embedding.encoder.weight", 1);
}

bool is_tied(const Checkpoint& c) {
  if (c.find("head.linear.weight")) return false;
  if (auto tied = c.truth("tie_embeddings")) return *tied;
  if (auto tied = c.truth("tie_word_embeddings")) return *tied;
  const Json* stored = meta(c, "tie_word_embeddings");
  return stored && stored->boolean() && *stored->boolean();
}

bool is_swish(const Checkpoint& c) {
  if (auto word = c.word("ssm_cfg", "activation")) return *word == "silu" || *word == "swish";
  const Json* stored = meta(c, "model.unique_layers.0.layer.conv_swish");
  return stored && stored->boolean() && *stored->boolean();
}

int groups_of(const Checkpoint& c, int heads) { return c.size("ssm_cfg", "n_qk_heads").value_or(heads); }

class Notes {
 public:
  explicit Notes(LlambaShape& shape) : shape_(shape) {}
  void compare(const std::string& what, int from_shapes, std::optional<int> stated) {
    if (stated && from_shapes != kAny && *stated != from_shapes)
      shape_.notes.push_back(what + " is " + std::to_string(from_shapes) + " by the tensors and " +
                             std::to_string(*stated) + " by the configuration");
  }

 private:
  LlambaShape& shape_;
};

void compare_with_config(const Checkpoint& c, LlambaShape& s) {
  Notes notes(s);
  notes.compare("the vocabulary", s.vocabulary, c.size("vocab_size"));
  notes.compare("the vocabulary", s.vocabulary, as_size(meta(c, "n_tokens")));
  notes.compare("the width", s.width, c.size("d_model"));
  notes.compare("the width", s.width, as_size(meta(c, "d_model")));
  notes.compare("the number of blocks", s.blocks, c.size("n_layer"));
  notes.compare("the number of blocks", s.blocks, as_size(meta(c, "model.n_layer_repeats")));
  notes.compare("the MLP width", s.mlp_width, c.size("mlp_cfg", "intermediate_size"));
  notes.compare("the state size", s.mixer.state_size, c.size("ssm_cfg", "d_state"));
  notes.compare("the state size", s.mixer.state_size, as_size(meta(c, "model.unique_layers.0.layer.d_state")));
  notes.compare("the number of heads", s.mixer.heads, c.size("ssm_cfg", "n_v_heads"));
  notes.compare("the number of heads", s.mixer.heads, as_size(meta(c, "model.unique_layers.0.layer.n_heads")));
  if (auto tied = c.truth("tie_embeddings"); tied && *tied && !s.tied)
    s.notes.push_back("the configuration says the head is tied, but a head is stored: the stored one is used");
}

}  // namespace

LlambaShape llamba_shape(const Checkpoint& c) {
  LlambaShape s{};
  std::string mixer = layer(0, false) + "layer.";
  s.vocabulary = dimension(c, "embedding.encoder.weight", 0);
  s.width = width_of(c);
  // Block b is layers 2b and 2b + 1 (spec 2).
  s.blocks = std::max((count_layers(c) + 1) / 2, 1);
  s.mlp_width = dimension(c, layer(0, true) + "layer.in_proj.weight", 0);
  s.tied = is_tied(c);
  s.z_bias = c.find(mixer + "z_bias") || !c.find(mixer + "in_proj.bias");
  s.conv_bias = c.find(mixer + "conv_bias") || c.truth("ssm_cfg", "conv_bias").value_or(true);
  s.last_eps = float(c.number("norm_epsilon").value_or(1e-5));
  if (!(s.last_eps >= 0)) s.faults.push_back("a norm_epsilon below 0");

  int convolved = dimension(c, mixer + "conv_weight", 0), rows = dimension(c, mixer + "in_proj.weight", 0);
  const auto* conv = c.find(mixer + "conv_weight");
  bool told = conv && conv->entry.shape.size() > 1;
  int taps = told ? *std::max_element(conv->entry.shape.begin() + 1, conv->entry.shape.end()) : kDefaultTaps;
  int heads = dimension(c, mixer + "D", 0);
  int inner = dimension(c, mixer + "z_bias", 0);
  if (inner == kAny && rows != kAny && convolved != kAny && heads != kAny) inner = rows - convolved - heads;
  s.mixer = {heads, groups_of(c, heads), kAny, kAny, taps, is_swish(c)};
  if (heads == kAny || inner == kAny || convolved == kAny) {  // what is missing is named by the reader
    compare_with_config(c, s);
    return s;
  }
  auto& m = s.mixer;
  if (s.vocabulary == 0 || s.width == 0 || s.mlp_width == 0) s.faults.push_back("a dimension of 0");
  if (heads < 1 || inner < 1 || inner % heads != 0)
    s.faults.push_back(std::to_string(inner) + " inner channels cannot be split over " + std::to_string(heads) +
                       " heads");
  else if (m.groups < 1 || heads % m.groups != 0)
    s.faults.push_back(std::to_string(heads) + " heads cannot share " + std::to_string(m.groups) + " groups");
  else if (convolved <= inner || (convolved - inner) % (2 * m.groups) != 0)
    s.faults.push_back(std::to_string(convolved) + " convolved channels do not fit " + std::to_string(inner) +
                       " inner channels and " + std::to_string(m.groups) + " groups");
  else if (taps < 2 || taps > 16)
    s.faults.push_back("a convolution of " + std::to_string(taps) + " taps");
  else {
    m.head_width = inner / heads;
    m.state_size = (convolved - inner) / (2 * m.groups);
  }
  compare_with_config(c, s);
  return s;
}

}  // namespace llamba
