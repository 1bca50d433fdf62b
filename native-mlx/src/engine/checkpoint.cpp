#include "engine/checkpoint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>

#include "engine/checksum.h"
#include "engine/error.h"
#include "engine/files.h"
#include "engine/names.h"

namespace fs = std::filesystem;

namespace llamba {
namespace {

constexpr int64_t kMaxConfig = 10'000'000;

Json read_config(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return {};
  try {
    Json config = parse_json(read_text(file.string(), kMaxConfig));
    if (config.object()) return config;
    throw JsonError("it is not an object");
  } catch (const JsonError& e) {
    throw Error("model-invalid", file.string() + " is not valid: " + e.what(), "Download the model again.");
  }
}

/** Values that are no JSON text (such as the "pt" of the hub's format key) stay strings. */
Json parse_metadata(const std::vector<SafetensorsHeader>& files) {
  Json::Object out;
  for (const auto& file : files)
    for (const auto& [key, text] : file.metadata) {
      Json value{text};
      try {
        value = parse_json(text);
      } catch (const JsonError&) {
        value = Json{text};
      }
      out.emplace_back(key, std::move(value));
    }
  auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  std::stable_sort(out.begin(), out.end(), less);
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return {std::move(out)};
}

bool any_starts(const Checkpoint& c, const std::string& prefix) {
  for (const auto& file : c.files) {
    auto at = file.tensors.lower_bound(prefix);
    if (at != file.tensors.end() && at->first.compare(0, prefix.size(), prefix) == 0) return true;
  }
  return false;
}

void detect(Checkpoint& c, const std::string& path) {
  std::string type = c.word("model_type").value_or("");
  if (any_starts(c, "embedding.encoder.") || any_starts(c, "model.layers.0.layer.")) {
    c.architecture = "llamba";
    c.format = type == "llamba" ? "llamba" : "cartesia-mlx";
  } else if (any_starts(c, "backbone.")) {
    c.architecture = "llamba";
    c.format = "hub";
  } else if (any_starts(c, "model.embed_tokens.") && type == "llama") {
    c.architecture = "llama";
    c.format = "mlx-lm";
  } else {
    throw Error(
        "unsupported",
        path + (type.empty() ? " holds no model of a known kind"
                             : " holds a model of type \"" + type.substr(0, 60) + "\""),
        "Llamba Desktop runs Llamba models (cartesia-mlx, hub or Llamba folders) and Llama models in mlx-lm's form.");
  }
}

void name_tensors(Checkpoint& c) {
  for (size_t file = 0; file < c.files.size(); ++file)
    for (const auto& [stored, entry] : c.files[file].tensors) {
      std::string name = c.format == "hub" ? from_hub(stored) : stored;
      if (!c.tensors.emplace(name, Checkpoint::Tensor{file, stored, entry}).second)
        throw Error("model-invalid", "\"" + stored.substr(0, 200) + "\" is stored twice", "Download the model again.");
    }
}

}  // namespace

std::optional<double> as_number(const Json* json) {
  const double* n = json ? json->number() : nullptr;
  return n && std::isfinite(*n) ? std::optional(*n) : std::nullopt;
}

std::optional<int> as_size(const Json* json) {
  auto n = as_number(json);
  if (!n || *n < 0 || *n > 2147483647.0 || *n != std::floor(*n)) return {};
  return int(*n);
}

const Checkpoint::Tensor* Checkpoint::find(const std::string& name) const {
  auto at = tensors.find(name);
  return at == tensors.end() ? nullptr : &at->second;
}

Checkpoint open_checkpoint(const std::string& path) {
  std::error_code error;
  fs::path given(path);
  if (!fs::exists(given, error))
    throw Error("model-not-found", "There is no model at " + path, "Check the path, or download the model.");
  bool folder = fs::is_directory(given, error);
  Checkpoint c;
  std::vector<std::string> paths = folder ? list_safetensors(path) : std::vector<std::string>{path};
  for (const auto& file : paths) c.files.push_back(read_safetensors_header(file));
  c.config = read_config((folder ? given : given.parent_path()) / "config.json");
  c.metadata = parse_metadata(c.files);
  detect(c, path);
  name_tensors(c);
  fs::path label = folder ? (given.has_filename() ? given : given.parent_path()) : given.stem();
  c.name = c.word("name").value_or(fs::weakly_canonical(label, error).filename().string());
  return c;
}

std::string fingerprint(const Checkpoint& c) {
  constexpr int64_t kSample = 256;
  Checksum sum;
  sum.add(c.architecture);
  std::vector<std::unique_ptr<ReadFile>> files;
  for (const auto& file : c.files) files.push_back(std::make_unique<ReadFile>(file.path));
  for (const auto& [name, tensor] : c.tensors) {
    sum.add(name);
    sum.add(safetensors_dtype(tensor.entry.dtype));
    sum.add(tensor.entry.shape.data(), tensor.entry.shape.size() * sizeof(int32_t));
    std::array<char, kSample> sample;
    int64_t bytes = std::min(kSample, tensor.entry.bytes());
    files[tensor.file]->read(sample.data(), bytes, tensor.entry.begin);
    sum.add(sample.data(), bytes);
  }
  return sum.hex();
}

}  // namespace llamba
