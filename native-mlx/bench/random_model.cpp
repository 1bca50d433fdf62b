#include "random_model.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <stdexcept>

namespace llamba::bench {
namespace {

constexpr int kGroup = 64;
constexpr int kHeads = 32, kStateSize = 64, kTaps = 4, kKvHeads = 8, kVocabulary = 128256;

struct Shape {
  const char* name;
  bool llamba;
  int width, blocks, mlp;
  bool tied;
};
constexpr Shape kShapes[] = {{"llamba-1b", true, 2048, 16, 8192, true},   {"llamba-3b", true, 3072, 28, 8192, true},
                             {"llamba-8b", true, 4096, 32, 14336, true},  {"llama-1b", false, 2048, 16, 8192, true},
                             {"llama-8b", false, 4096, 32, 14336, false},
                             // Launches of llamba-8b with hardly a byte in them: what the host alone costs.
                             {"llamba-narrow", true, 512, 32, 1024, true}};

uint16_t bf16(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  return uint16_t(bits >> 16);
}

/** Tensors of one safetensors file, written one after the other. */
class Writer {
 public:
  void matrix(const std::string& stem, int rows, int columns) {
    // Codes 0 to 15 around a mean of 0, so that a random model's activations neither vanish nor explode.
    float scale = 0.22f / std::sqrt(float(columns));
    add(stem + ".weight", "U32", {rows, columns / 8}, [this](char* to, size_t bytes) { random(to, bytes); });
    values(stem + ".scales", {rows, columns / kGroup}, scale);
    values(stem + ".biases", {rows, columns / kGroup}, -7.5f * scale);
  }
  void values(const std::string& name, std::vector<int> shape, float value) {
    add(name, "BF16", std::move(shape), [value](char* to, size_t bytes) {
      for (size_t i = 0; i < bytes / 2; ++i) reinterpret_cast<uint16_t*>(to)[i] = bf16(value);
    });
  }
  void write(const std::string& path) {
    std::string header = "{" + header_ + "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    std::ofstream out(path, std::ios::binary);
    uint64_t size = header.size();
    out.write(reinterpret_cast<char*>(&size), 8);
    out << header;
    std::vector<char> buffer;
    for (auto& [bytes, fill] : fills_) {
      buffer.resize(bytes);
      fill(buffer.data(), bytes);
      out.write(buffer.data(), std::streamsize(bytes));
    }
    if (!out) throw std::runtime_error("cannot write " + path);
  }

 private:
  void random(char* to, size_t bytes) {
    for (size_t i = 0; i < bytes / 8; ++i) {
      seed_ ^= seed_ << 13;
      seed_ ^= seed_ >> 7;
      seed_ ^= seed_ << 17;
      std::memcpy(to + 8 * i, &seed_, 8);
    }
  }
  void add(const std::string& name, const std::string& dtype, std::vector<int> shape,
           std::function<void(char*, size_t)> fill) {
    size_t bytes = dtype == "U32" ? 4 : 2;
    std::string sizes;
    for (int n : shape) {
      bytes *= size_t(n);
      sizes += (sizes.empty() ? "" : ",") + std::to_string(n);
    }
    if (!header_.empty()) header_ += ",";
    header_ += "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + sizes + "],\"data_offsets\":[" +
               std::to_string(at_) + "," + std::to_string(at_ + bytes) + "]}";
    at_ += bytes;
    fills_.push_back({bytes, std::move(fill)});
  }

  uint64_t seed_ = 88172645463325252ull;
  size_t at_ = 0;
  std::string header_;
  std::vector<std::pair<size_t, std::function<void(char*, size_t)>>> fills_;
};

void llamba(Writer& out, const Shape& s) {
  int convolved = s.width + 2 * kHeads * kStateSize;
  out.matrix("embedding.encoder", kVocabulary, s.width);
  for (int b = 0; b < s.blocks; ++b) {
    std::string mixer = "model.layers." + std::to_string(2 * b) + ".",
                mlp = "model.layers." + std::to_string(2 * b + 1) + ".";
    out.values(mixer + "norm.weight", {s.width}, 1);
    out.matrix(mixer + "layer.in_proj", convolved + s.width + kHeads, s.width);
    out.matrix(mixer + "layer.out_proj", s.width, s.width);
    out.values(mixer + "layer.conv_weight", {convolved, kTaps}, 0.25f);
    out.values(mixer + "layer.conv_bias", {convolved}, 0.01f);
    out.values(mixer + "layer.z_bias", {s.width}, 0.5f);
    out.values(mixer + "layer.D", {kHeads}, 1);
    out.values(mlp + "norm.weight", {s.width}, 1);
    out.matrix(mlp + "layer.in_proj", s.mlp, s.width);
    out.matrix(mlp + "layer.gate_proj", s.mlp, s.width);
    out.matrix(mlp + "layer.out_proj", s.width, s.mlp);
  }
  out.values("model.norm.weight", {s.width}, 1);
}

void llama(Writer& out, const Shape& s) {
  int kv = kKvHeads * (s.width / kHeads);
  out.matrix("model.embed_tokens", kVocabulary, s.width);
  for (int b = 0; b < s.blocks; ++b) {
    std::string block = "model.layers." + std::to_string(b) + ".";
    out.values(block + "input_layernorm.weight", {s.width}, 1);
    out.matrix(block + "self_attn.q_proj", s.width, s.width);
    out.matrix(block + "self_attn.k_proj", kv, s.width);
    out.matrix(block + "self_attn.v_proj", kv, s.width);
    out.matrix(block + "self_attn.o_proj", s.width, s.width);
    out.values(block + "post_attention_layernorm.weight", {s.width}, 1);
    out.matrix(block + "mlp.gate_proj", s.mlp, s.width);
    out.matrix(block + "mlp.up_proj", s.mlp, s.width);
    out.matrix(block + "mlp.down_proj", s.width, s.mlp);
  }
  out.values("model.norm.weight", {s.width}, 1);
  if (!s.tied) out.matrix("lm_head", kVocabulary, s.width);
}

}  // namespace

std::vector<std::string> shapes() {
  std::vector<std::string> out;
  for (const Shape& s : kShapes) out.push_back(s.name);
  return out;
}

void make_model(const std::string& name, const std::string& folder) {
  for (const Shape& s : kShapes) {
    if (name != s.name) continue;
    std::filesystem::create_directories(folder);
    Writer out;
    (s.llamba ? llamba : llama)(out, s);
    std::string tied = s.tied ? "true" : "false";
    std::ofstream(folder + "/config.json")
        << (s.llamba ? "{\"model_type\":\"llamba\",\"tie_embeddings\":" + tied + "}"
                     : "{\"model_type\":\"llama\",\"num_attention_heads\":32,\"rope_theta\":500000,"
                       "\"rms_norm_eps\":1e-5,\"tie_word_embeddings\":" + tied + "}");
    out.write(folder + "/model.safetensors");
    return;
  }
  throw std::runtime_error("there is no shape " + name);
}

}  // namespace llamba::bench
