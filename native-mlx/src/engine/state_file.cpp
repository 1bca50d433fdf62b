#include "engine/state_file.h"

#include <charconv>
#include <map>

#include "engine/error.h"
#include "engine/files.h"
#include "engine/preflight.h"
#include "engine/safetensors.h"
#include "engine/state_image.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr const char* kHint = "The checkpoint is lost; the text is not. Read the text again.";

/** Read straight into the array's own memory: a copy in between would cost as much as the reading. */
mx::array array_from(const ReadFile& file, const TensorEntry& entry) {
  mx::array out(mx::allocator::malloc(entry.bytes()), {entry.shape.begin(), entry.shape.end()}, entry.dtype);
  file.read(out.data<char>(), entry.bytes(), entry.begin);
  return out;
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
  require_memory(header.file_bytes, "This state");
  ReadFile file(path);
  std::map<std::string, mx::array> arrays;
  std::vector<std::pair<const void*, size_t>> data;
  for (const auto& [name, entry] : header.tensors) {
    const mx::array& array = arrays.emplace(name, array_from(file, entry)).first->second;
    data.emplace_back(array.data<char>(), array.nbytes());
  }
  if (state_checksum(header.tensors, header.metadata, data) != meta("checksum"))
    throw Error("state-corrupt", path + " was altered: its checksum does not match.", kHint);
  if (meta("fingerprint") != model.info().fingerprint)
    throw Error("state-mismatch", path + " belongs to another model.",
                "Load the model it was made with, or read the text again.");

  LoadedState out{{model.info().id, {{}, {token_count(meta("tokens"), path)}}, {}, {}}, meta("note")};
  for (const auto& [name, array] : arrays) {
    if (name == "recent") {
      if (array.dtype() != mx::int32)
        throw Error("state-corrupt", path + " names its latest tokens in another type.", kHint);
      out.state.recent.assign(array.data<int32_t>(), array.data<int32_t>() + array.size());
      for (int32_t id : out.state.recent)
        if (id < 0 || id >= model.info().vocabulary)
          throw Error("state-corrupt", path + " names a token the model lacks.", kHint);
      continue;
    }
    if (!mx::issubdtype(array.dtype(), mx::floating))
      throw Error("state-mismatch", "The state's arrays are not of a type this model uses.", kHint);
    if (name == "hidden") {
      out.state.hidden = mx::astype(array, model.compute());
      out.state.hidden->eval();
    } else {
      out.state.rows.arrays.push_back(array);  // map order is the arrays' order
    }
  }
  out.state.rows = model.from_file(std::move(out.state.rows));
  return out;
}

}  // namespace llamba
