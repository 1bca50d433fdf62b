#include "engine/state_file.h"

#include <charconv>
#include <cstring>

#include "engine/error.h"
#include "engine/files.h"
#include "engine/preflight.h"
#include "engine/safetensors.h"
#include "engine/state_image.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr const char* kHint = "The checkpoint is lost; the text is not. Read the text again.";

mx::array array_from(const char* data, const TensorEntry& entry) {
  mx::Shape shape(entry.shape.begin(), entry.shape.end());
  if (entry.dtype == mx::float32) return mx::array(reinterpret_cast<const float*>(data), shape);
  if (entry.dtype == mx::float16) return mx::array(reinterpret_cast<const mx::float16_t*>(data), shape);
  if (entry.dtype == mx::bfloat16) return mx::array(reinterpret_cast<const mx::bfloat16_t*>(data), shape);
  throw Error("state-mismatch", "The state's arrays are not of a type this model uses.", kHint);
}

int64_t token_count(const std::string& text, const std::string& path) {
  int64_t tokens = -1;
  const auto end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, tokens);
  if (error != std::errc() || at != end || tokens < 0)
    throw Error("state-corrupt", path + " does not say how many tokens it holds.", kHint);
  return tokens;
}

}  // namespace

void write_state_file(const std::string& path, const Model& model, const State& state, const std::string& note) {
  write_image(image_of(model, state, note), path);
}

LoadedState read_state_file(const std::string& path, const Model& model) {
  SafetensorsHeader header = read_safetensors_header(path, "state-corrupt");
  auto meta = [&](const char* key) {
    auto at = header.metadata.find(key);
    return at == header.metadata.end() ? std::string() : at->second;
  };
  if (meta("format") != kStateFormat) throw Error("state-corrupt", path + " is not a state file.", kHint);
  if (meta("version") != kStateVersion)
    throw Error(
        "state-version",
        path + " has format version " + meta("version").substr(0, 20) + "; this app reads version " + kStateVersion + ".",
        kHint);
  int64_t start = header.file_bytes;
  for (const auto& [name, entry] : header.tensors) start = std::min(start, entry.begin);
  require_memory(2 * (header.file_bytes - start), "This state");
  std::vector<char> all(header.file_bytes - start);
  ReadFile(path).read(all.data(), int64_t(all.size()), start);

  std::vector<std::pair<const void*, size_t>> data;
  auto bytes = [&](const TensorEntry& entry) { return all.data() + (entry.begin - start); };
  for (const auto& [name, entry] : header.tensors) data.emplace_back(bytes(entry), entry.bytes());
  if (state_checksum(header.tensors, header.metadata, data) != meta("checksum"))
    throw Error("state-corrupt", path + " was altered: its checksum does not match.", kHint);
  if (meta("fingerprint") != model.info().fingerprint)
    throw Error("state-mismatch", path + " belongs to another model.",
                "Load the model it was made with, or read the text again.");

  LoadedState out{{model.info().id, {{}, {token_count(meta("tokens"), path)}}, {}, {}}, meta("note")};
  for (const auto& [name, entry] : header.tensors) {
    if (name == "hidden") {
      out.state.hidden = mx::astype(array_from(bytes(entry), entry), model.compute());
      out.state.hidden->eval();
    } else if (name == "recent") {
      if (entry.dtype != mx::int32)
        throw Error("state-corrupt", path + " names its latest tokens in another type.", kHint);
      out.state.recent.resize(entry.bytes() / sizeof(int32_t));
      std::memcpy(out.state.recent.data(), bytes(entry), entry.bytes());
      for (int32_t id : out.state.recent)
        if (id < 0 || id >= model.info().vocabulary)
          throw Error("state-corrupt", path + " names a token the model lacks.", kHint);
    } else {
      out.state.rows.arrays.push_back(array_from(bytes(entry), entry));  // map order is the arrays' order
    }
  }
  out.state.rows = model.from_file(std::move(out.state.rows));
  return out;
}

}  // namespace llamba
