#include "engine/llama_shape.h"

#include <algorithm>
#include <cmath>

#include "engine/tensor_reader.h"

namespace llamba {
namespace {

constexpr int kAny = TensorReader::kAny;
constexpr int kMostHeads = 1 << 16;

/** Llama 3's stretching of slow rotations: wavelengths beyond the original window by `factor`, short ones not, those
    between by interpolation. */
void stretch(std::vector<float>& wavelengths, const Checkpoint& c) {
  auto value = [&](const char* key, double otherwise) {
    return float(c.number("rope_scaling", key).value_or(otherwise));
  };
  float factor = value("factor", 1), low = value("low_freq_factor", 1), high = value("high_freq_factor", 4);
  float window = value("original_max_position_embeddings", 8192);
  for (float& w : wavelengths) {
    float length = 2 * float(M_PI) * w;
    if (length > window / low) {
      w *= factor;
    } else if (length > window / high) {
      float smooth = (window / length - low) / (high - low);
      w /= (1 - smooth) / factor + smooth;
    }
  }
}

void rope(LlamaShape& s, const Checkpoint& c) {
  float base = float(c.number("rope_theta").value_or(10000));
  for (int i = 0; i < s.head_width; i += 2) s.wavelengths.push_back(std::pow(base, float(i) / float(s.head_width)));
  const Json* scaling = c.config.find("rope_scaling");
  if (!scaling || scaling->is_null()) return;
  std::string type = c.word("rope_scaling", "rope_type").value_or(c.word("rope_scaling", "type").value_or("default"));
  if (type == "llama3") {
    stretch(s.wavelengths, c);
  } else if (type == "linear") {
    for (float& w : s.wavelengths) w *= float(c.number("rope_scaling", "factor").value_or(1));
  } else if (type != "default") {
    s.faults.push_back("rope scaling of the unknown kind \"" + type.substr(0, 40) + "\"");
  }
}

}  // namespace

LlamaShape llama_shape(const Checkpoint& c) {
  LlamaShape s{};
  std::string attention = "model.layers.0.self_attn.";
  s.vocabulary = dimension(c, "model.embed_tokens.weight", 0);
  s.width = dimension(c, "model.norm.weight", 0);
  if (s.width == kAny) s.width = dimension(c, "model.layers.0.input_layernorm.weight", 0);
  s.blocks = std::max(count_layers(c), 1);
  s.mlp_width = dimension(c, "model.layers.0.mlp.gate_proj.weight", 0);
  s.tied = !c.find("lm_head.weight") && c.truth("tie_word_embeddings").value_or(true);
  s.eps = float(c.number("rms_norm_eps").value_or(1e-5));
  if (!(s.eps >= 0)) s.faults.push_back("an rms_norm_eps below 0");
  int q = dimension(c, attention + "q_proj.weight", 0), k = dimension(c, attention + "k_proj.weight", 0);
  s.heads = std::min(c.size("num_attention_heads").value_or(0), kMostHeads);
  s.head_width = s.kv_heads = kAny;
  if (s.heads < 1) {
    s.faults.push_back("config.json does not say num_attention_heads");
    return s;
  }
  if (q == kAny || k == kAny) return s;
  if (q < s.heads || q % s.heads != 0) {
    s.faults.push_back("q_proj has " + std::to_string(q) + " rows, no multiple of " + std::to_string(s.heads) +
                       " heads");
    return s;
  }
  int width = q / s.heads;
  if (width % 2 != 0 || k < width || k % width != 0 || s.heads % (k / width) != 0) {
    s.faults.push_back("k_proj's " + std::to_string(k) + " rows do not fit " + std::to_string(s.heads) + " heads of " +
                       std::to_string(width));
    return s;
  }
  s.head_width = width;
  s.kv_heads = k / width;
  auto compare = [&](const std::string& what, int shown, const char* key) {
    auto stated = c.size(key);
    if (stated && shown != kAny && *stated != shown)
      s.notes.push_back(what + " is " + std::to_string(shown) + " by the tensors and " + std::to_string(*stated) +
                        " by the configuration");
  };
  compare("the vocabulary", s.vocabulary, "vocab_size");
  compare("the width", s.width, "hidden_size");
  compare("the number of blocks", s.blocks, "num_hidden_layers");
  compare("the MLP width", s.mlp_width, "intermediate_size");
  compare("the number of key and value heads", s.kv_heads, "num_key_value_heads");
  compare("the head width", s.head_width, "head_dim");
  rope(s, c);
  return s;
}

}  // namespace llamba
