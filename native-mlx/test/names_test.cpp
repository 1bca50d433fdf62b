#include <doctest/doctest.h>

#include "engine/names.h"

using namespace llamba;

TEST_CASE("Hub names become ours") {
  CHECK(from_hub("backbone.embedding.weight") == "embedding.encoder.weight");
  CHECK(from_hub("backbone.layers.12.mixer.in_proj.weight") == "model.layers.24.layer.in_proj.weight");
  CHECK(from_hub("backbone.layers.3.mixer.conv1d.bias") == "model.layers.6.layer.conv_bias");
  CHECK(from_hub("backbone.layers.3.mlp.gate_proj.weight") == "model.layers.7.layer.in_proj.weight");
  CHECK(from_hub("backbone.layers.3.mlp.up_proj.weight") == "model.layers.7.layer.gate_proj.weight");
  CHECK(from_hub("backbone.layers.3.post_attention_layernorm.weight") == "model.layers.7.norm.weight");
  CHECK(from_hub("backbone.final_layernorm.weight") == "model.norm.weight");
  CHECK(from_hub("lm_head.weight") == "head.linear.weight");
  CHECK(from_hub("backbone.layers.x.mixer.D") == "backbone.layers.x.mixer.D");
}
