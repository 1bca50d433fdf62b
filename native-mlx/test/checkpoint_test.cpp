// What loading says about models: sizes and formats of true ones, names of what is wrong with others.
#include <doctest/doctest.h>

#include <fstream>

#include "engine/checkpoint.h"
#include "engine/rng.h"
#include "support.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

using Tensors = std::unordered_map<std::string, mx::array>;
using Metadata = std::unordered_map<std::string, std::string>;

std::pair<Tensors, Metadata> tensors_of(const std::string& file) {
  auto loaded = mx::load_safetensors((fixtures() / file).string());
  for (auto& [name, tensor] : loaded.first) tensor.eval();
  return loaded;
}

const std::string kModel = "llamba/q4g64-untied/model/tiny-q4g64-untied.safetensors";

std::string save(const TempDir& dir, const Tensors& tensors, const Metadata& metadata = {}) {
  std::string path = dir / "altered.safetensors";
  mx::save_safetensors(path, tensors, metadata);
  return path;
}

}  // namespace

TEST_CASE("Formats are told apart and sizes come from shapes") {
  auto model = load(fixtures() / "llamba/q4g64-untied/model");
  const ModelInfo& info = model->info();
  CHECK(info.architecture == "llamba");
  CHECK(info.format == "cartesia-mlx");
  CHECK(info.vocabulary == 512);
  CHECK(info.width == 128);
  CHECK(info.blocks == 3);
  CHECK(info.heads == 4);
  CHECK(info.head_width == 32);
  CHECK(info.state_size == 16);
  CHECK(info.mlp_width == 320);
  CHECK(info.bits == 4);
  CHECK(info.group_size == 64);
  CHECK(info.state_bytes == 3 * 4 * ((128 + 2 * 4 * 16) * 3 + 4 * 32 * 16));
  CHECK(info.state_bytes_per_token == 0);
  CHECK(info.notes.empty());
  // embedding, head, last norm; a block: norms, in_proj, out_proj, conv, its bias, z_bias, D, the three of the MLP
  int64_t block = 2 * 128 + (256 + 128 + 4) * 128 + 128 * 128 + 256 * 4 + 256 + 128 + 4 + 3 * 320 * 128;
  CHECK(info.parameters == 2 * 512 * 128 + 128 + 3 * block);
  CHECK(load(fixtures() / "llamba/bf16-tied/hub")->info().format == "hub");
  auto llama = load(fixtures() / "llama/bf16-untied/model");
  CHECK(llama->info().format == "mlx-lm");
  CHECK(llama->info().head_width == 24);
  CHECK(llama->info().state_bytes_per_token == 2 * 2 * 3 * 24 * 4);
}

TEST_CASE("A fingerprint is the model's own") {
  auto of = [](const char* path) { return load(fixtures() / path)->info().fingerprint; };
  CHECK(of("llamba/bf16-tied/model") == of("llamba/bf16-tied/model/tiny-bf16-tied.safetensors"));
  CHECK(of("llamba/q4g64-untied/model") != of("llamba/q4g128-untied/model"));
  TempDir dir;
  auto [tensors, metadata] = tensors_of(kModel);
  CHECK(load(save(dir, tensors, metadata))->info().fingerprint == of("llamba/q4g64-untied/model"));
  tensors.at("model.norm.weight") = mx::add(tensors.at("model.norm.weight"), mx::array(1.0f, mx::float16));
  CHECK(load(save(dir, tensors, metadata))->info().fingerprint != of("llamba/q4g64-untied/model"));
}

TEST_CASE("Every missing and misshapen tensor is named in one error") {
  TempDir dir;
  auto [tensors, metadata] = tensors_of(kModel);
  tensors.erase("model.layers.2.layer.out_proj.scales");  // its packed weight cannot be read as a dense matrix
  tensors.erase("model.layers.3.norm.weight");
  tensors.erase("model.layers.4.layer.D");
  tensors.at("model.layers.0.layer.z_bias") = mx::zeros({127}, mx::float16);
  std::string path = save(dir, tensors, metadata);
  CHECK(code_of([&] { load(path); }) == "tensor-missing");
  std::string message = message_of([&] { load(path); });
  for (const char* name : {"model.layers.3.norm.weight", "model.layers.4.layer.D", "model.layers.2.layer.out_proj"}) {
    CAPTURE(name);
    CHECK(message.find(name) != std::string::npos);
  }
}

TEST_CASE("Each tensor that is left out is found missing") {
  TempDir dir;
  auto [tensors, metadata] = tensors_of(kModel);
  for (const auto& entry : tensors) {
    const std::string& name = entry.first;
    if (name.rfind("model.layers.2.", 0) != 0 && name.rfind("model.layers.3.", 0) != 0 &&
        name.rfind("model.layers", 0) == 0)
      continue;
    CAPTURE(name);
    Tensors fewer = tensors;
    fewer.erase(name);
    std::string path = save(dir, fewer, metadata);
    std::string code = code_of([&] { load(path); });
    CHECK((code == "tensor-missing" || code == "tensor-shape"));
  }
}

TEST_CASE("A misshapen tensor is an error of its own") {
  TempDir dir;
  for (std::string name : {"model.layers.2.layer.conv_weight", "model.layers.1.layer.out_proj.weight",
                           "head.linear.biases", "model.layers.2.norm.weight"}) {
    CAPTURE(name);
    auto [tensors, metadata] = tensors_of(kModel);
    mx::array& tensor = tensors.at(name);
    tensor = mx::concatenate({tensor, tensor}, 0);
    std::string path = save(dir, tensors, metadata);
    CHECK(code_of([&] { load(path); }) == "tensor-shape");
    CHECK(message_of([&] { load(path); }).find(name) != std::string::npos);
  }
}

TEST_CASE("A truncated model is refused") {
  TempDir dir;
  std::string path = dir / "cut.safetensors";
  fs::copy_file(fixtures() / kModel, path);
  for (uint64_t size : {uint64_t(400'000), uint64_t(4000), uint64_t(9), uint64_t(0)}) {
    fs::resize_file(path, size);
    CHECK(code_of([&] { load(path); }) == "model-invalid");
  }
}

TEST_CASE("A model whose header was altered anywhere loads or is refused by name") {
  TempDir dir;
  for (const char* file :
       {"llamba/q8g64-mixed/model/tiny-q8g64-mixed.safetensors", "llama/q4g64-tied/model/model.safetensors"}) {
    std::ifstream in(fixtures() / file, std::ios::binary);
    std::string good{std::istreambuf_iterator<char>(in), {}};
    fs::copy_file(fixtures() / "llama/q4g64-tied/model/config.json", dir / "config.json",
                  fs::copy_options::overwrite_existing);
    Rng rng(11);
    for (int i = 0; i < 400; ++i) {
      std::string bad = good;
      size_t at = 8 + rng.next() % 9000;
      // Digits become other digits (shapes and offsets that still parse), the rest any byte.
      bool digit = bad[at] >= '0' && bad[at] <= '9';
      bad[at] = digit ? char('0' + rng.next() % 10) : char(rng.next() % 128);
      std::ofstream(dir / "model.safetensors", std::ios::binary) << bad;
      CAPTURE(at);
      try {
        load(dir / "model.safetensors");
      } catch (const Error& error) {
        CHECK(!error.code.empty());
      }
    }
  }
}

TEST_CASE("A nonsense config.json is an error or a note, never a crash") {
  TempDir dir;
  for (const char* kind : {"llama/q4g64-tied/model/", "llamba/bf16-tied/hub/"}) {
    std::ifstream in(fixtures() / kind / "config.json");
    std::string good{std::istreambuf_iterator<char>(in), {}};
    fs::copy_file(fixtures() / kind / "model.safetensors", dir / "model.safetensors",
                  fs::copy_options::overwrite_existing);
    for (const char* value : {"0", "-1", "1e300", "NaN", "Infinity", "null", "\"x\"", "[]", "{}", "3"})
      for (size_t at = good.find(": "); at != std::string::npos; at = good.find(": ", at + 1)) {
        size_t end = good.find_first_of(",\n", at);
        std::string bad = good.substr(0, at + 2) + value + good.substr(end);
        if (good[at + 2] == '{' || good[at + 2] == '[') continue;
        std::ofstream(dir / "config.json") << bad;
        CAPTURE(bad);
        try {
          auto model = load(dir.path);
          State state = fresh(*model);
          feed(*model, state, {1, 2, 3}, 0);
        } catch (const Error& error) {
          CHECK(!error.code.empty());
        }
      }
  }
}

TEST_CASE("Kinds that the app does not run, and paths without a model, say so") {
  TempDir dir;
  CHECK(code_of([&] { load(dir / "nothing"); }) == "model-not-found");
  CHECK(code_of([&] { load(dir.path); }) == "model-not-found");
  mx::save_safetensors(dir / "model.safetensors", {{"model.embed_tokens.weight", mx::zeros({8, 8})}});
  CHECK(code_of([&] { load(dir.path); }) == "unsupported");
  std::ofstream(dir / "config.json") << R"({"model_type":"gemma"})";
  CHECK(message_of([&] { load(dir.path); }).find("gemma") != std::string::npos);
  std::ofstream(dir / "config.json") << "{";
  CHECK(code_of([&] { load(dir.path); }) == "model-invalid");
}

TEST_CASE("Where shapes and configuration disagree, shapes win and it is noted") {
  TempDir dir;
  fs::copy_file(fixtures() / "llamba/bf16-tied/hub/model.safetensors", dir / "model.safetensors");
  std::ofstream(dir / "config.json")
      << R"({"model_type":"llamba","d_model":100,"n_layer":7,"vocab_size":256,"tie_embeddings":true})";
  auto model = load(dir.path);
  CHECK(model->info().width == 96);
  CHECK(model->info().notes.size() == 2);
}

TEST_CASE("A Llamba folder of ours: tied, embedding quantized, sharded") {
  TempDir dir;
  auto [tensors, metadata] = tensors_of(kModel);
  auto quantized = mx::quantize(tensors.at("embedding.encoder.weight"), 64, 4);
  const char* leaves[] = {"weight", "scales", "biases"};
  for (int i = 0; i < 3; ++i) {
    tensors.erase("head.linear." + std::string(leaves[i]));
    tensors.insert_or_assign("embedding.encoder." + std::string(leaves[i]), quantized[i]);
  }
  // The same model untied and dense: the table's quantized values as embedding and as head.
  auto plain = tensors;
  auto f32 = [](const mx::array& a) { return mx::astype(a, mx::float32); };
  mx::array table = mx::dequantize(quantized[0], f32(quantized[1]), f32(quantized[2]), 64, 4);
  for (const char* leaf : {"scales", "biases"}) plain.erase(std::string("embedding.encoder.") + leaf);
  plain.insert_or_assign("embedding.encoder.weight", table);
  plain.insert_or_assign("head.linear.weight", table);
  auto expected = load(save(dir, plain));

  Tensors shards[2];
  std::string map;
  int i = 0;
  for (const auto& [name, tensor] : tensors) {
    shards[i % 2].insert({name, tensor});
    map += (i ? ",\"" : "\"") + name + "\":\"model-" + std::to_string(i % 2) + ".safetensors\"";
    ++i;
  }
  fs::create_directories(dir.path / "ours");
  for (int k = 0; k < 2; ++k)
    mx::save_safetensors(dir / ("ours/model-" + std::to_string(k) + ".safetensors"), shards[k]);
  std::ofstream(dir / "ours/model.safetensors.index.json") << "{\"weight_map\":{" << map << "}}";
  std::ofstream(dir / "ours/config.json") << R"({"model_type":"llamba","name":"Ours","tie_embeddings":true})";
  auto ours = load(dir.path / "ours");
  CHECK(ours->info().format == "llamba");
  CHECK(ours->info().name == "Ours");

  std::vector<int32_t> ids = some_ids(50, 512, 3);
  State a = fresh(*ours), b = fresh(*expected);
  CHECK(relative(feed(*ours, a, ids, 16), feed(*expected, b, ids, 16)) < tolerance());
}
