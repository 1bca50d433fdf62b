#include "engine/state_file.h"

#include <charconv>
#include <cstring>

#include "engine/checksum.h"
#include "engine/error.h"
#include "engine/files.h"
#include "engine/json.h"
#include "engine/preflight.h"
#include "engine/safetensors.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr const char* kFormat = "llamba-state";
constexpr const char* kVersion = "1";
constexpr const char* kHint = "The checkpoint is lost; the text is not. Read the text again.";

std::string array_name(size_t i) {
  std::string digits = std::to_string(i);
  return "state." + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

/** Over everything in the file: names, types, shapes, metadata and data. */
std::string checksum(const std::map<std::string, TensorEntry>& tensors,
                     const std::map<std::string, std::string>& metadata,
                     const std::vector<std::pair<const void*, size_t>>& data) {
  Checksum sum;
  for (const auto& [name, entry] : tensors) {
    sum.add(name);
    sum.add(safetensors_dtype(entry.dtype));
    sum.add(entry.shape.data(), entry.shape.size() * sizeof(int32_t));
  }
  for (const auto& [key, value] : metadata)
    if (key != "checksum") {
      sum.add(key);
      sum.add(value);
    }
  for (const auto& [bytes, size] : data) sum.add(bytes, size);
  return sum.hex();
}

std::string header_text(const std::map<std::string, TensorEntry>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  std::string text = "{\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    if (text.back() != '{') text += ',';
    text += json_quote(key);
    text += ':';
    text += json_quote(value);
  }
  text += '}';
  for (const auto& [name, entry] : tensors) {
    text += ',';
    text += json_quote(name);
    text += ":{\"dtype\":\"";
    text += safetensors_dtype(entry.dtype);
    text += "\",\"shape\":[";
    for (size_t i = 0; i < entry.shape.size(); ++i) {
      if (i) text += ',';
      text += std::to_string(entry.shape[i]);
    }
    text += "],\"data_offsets\":[";
    text += std::to_string(entry.begin);
    text += ',';
    text += std::to_string(entry.end);
    text += "]}";
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');  // data starts aligned, as the format's writers do
  return text;
}

/** Row-contiguous bytes of an evaluated array. */
const void* bytes_of(const mx::array& a) { return a.size() ? static_cast<const void*>(a.data<char>()) : nullptr; }

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
  Rows rows = model.to_file(state.rows);
  mx::array recent(state.recent.begin(), {int(state.recent.size())}, mx::int32);
  std::vector<std::pair<std::string, mx::array>> arrays;
  if (state.hidden) arrays.emplace_back("hidden", *state.hidden);
  arrays.emplace_back("recent", recent);
  for (size_t i = 0; i < rows.arrays.size(); ++i) arrays.emplace_back(array_name(i), rows.arrays[i]);

  std::map<std::string, TensorEntry> tensors;
  std::vector<std::pair<const void*, size_t>> data;
  int64_t at = 0;
  for (auto& [name, array] : arrays) {
    array = mx::contiguous(array);
    array.eval();
    int64_t end = at + int64_t(array.nbytes());
    tensors.emplace(name, TensorEntry{array.dtype(), {array.shape().begin(), array.shape().end()}, at, end});
    data.emplace_back(bytes_of(array), array.nbytes());
    at = end;
  }
  std::map<std::string, std::string> metadata{{"format", kFormat},
                                              {"version", kVersion},
                                              {"fingerprint", model.info().fingerprint},
                                              {"tokens", std::to_string(state.tokens())},
                                              {"note", note}};
  metadata["checksum"] = checksum(tensors, metadata, data);
  std::string header = header_text(tensors, metadata);
  unsigned char length[8];
  for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>(uint64_t(header.size()) >> (8 * i));

  AtomicFile file(path);
  file.write(length, 8);
  file.write(header.data(), header.size());
  for (const auto& [bytes, size] : data) file.write(bytes, size);
  file.commit();
}

LoadedState read_state_file(const std::string& path, const Model& model) {
  SafetensorsHeader header = read_safetensors_header(path, "state-corrupt");
  auto meta = [&](const char* key) {
    auto at = header.metadata.find(key);
    return at == header.metadata.end() ? std::string() : at->second;
  };
  if (meta("format") != kFormat) throw Error("state-corrupt", path + " is not a state file.", kHint);
  if (meta("version") != kVersion)
    throw Error(
        "state-version",
        path + " has format version " + meta("version").substr(0, 20) + "; this app reads version " + kVersion + ".",
        kHint);
  int64_t start = header.file_bytes;
  for (const auto& [name, entry] : header.tensors) start = std::min(start, entry.begin);
  require_memory(2 * (header.file_bytes - start), "This state");
  std::vector<char> all(header.file_bytes - start);
  ReadFile(path).read(all.data(), int64_t(all.size()), start);

  std::vector<std::pair<const void*, size_t>> data;
  auto bytes = [&](const TensorEntry& entry) { return all.data() + (entry.begin - start); };
  for (const auto& [name, entry] : header.tensors) data.emplace_back(bytes(entry), entry.bytes());
  if (checksum(header.tensors, header.metadata, data) != meta("checksum"))
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
