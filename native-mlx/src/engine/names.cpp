#include "engine/names.h"

#include <optional>

namespace llamba {
namespace {

struct Rule {
  const char* hub;   // prefix of what follows "backbone.layers.b."
  const char* ours;  // what it becomes after "model.layers.{2b + mlp}."
  int mlp;
};

constexpr Rule kRules[] = {
    {"input_layernorm.", "norm.", 0},
    {"mixer.conv1d.weight", "layer.conv_weight", 0},
    {"mixer.conv1d.bias", "layer.conv_bias", 0},
    {"mixer.", "layer.", 0},
    {"post_attention_layernorm.", "norm.", 1},
    {"mlp.gate_proj.", "layer.in_proj.", 1},  // Llama's gate (silu) is called in_proj there
    {"mlp.up_proj.", "layer.gate_proj.", 1},
    {"mlp.down_proj.", "layer.out_proj.", 1},
};

/** What follows `prefix` in `text`, if it starts with it. */
std::optional<std::string> after(const std::string& text, const std::string& prefix) {
  if (text.compare(0, prefix.size(), prefix) != 0) return {};
  return text.substr(prefix.size());
}

}  // namespace

std::string from_hub(const std::string& name) {
  if (auto leaf = after(name, "backbone.embedding.")) return "embedding.encoder." + *leaf;
  if (auto leaf = after(name, "backbone.final_layernorm.")) return "model.norm." + *leaf;
  for (const char* head : {"lm_head.", "backbone.lm_head."})
    if (auto leaf = after(name, head)) return "head.linear." + *leaf;
  auto rest = after(name, "backbone.layers.");
  if (!rest) return name;
  size_t dot = rest->find('.');
  if (dot == 0 || dot > 5 || rest->find_first_not_of("0123456789") != dot) return name;
  int block = std::stoi(rest->substr(0, dot));
  for (const Rule& rule : kRules)
    if (auto leaf = after(rest->substr(dot + 1), rule.hub))
      return "model.layers." + std::to_string(2 * block + rule.mlp) + "." + rule.ours + *leaf;
  return name;
}

}  // namespace llamba
