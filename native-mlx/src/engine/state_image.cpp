#include "engine/state_image.h"

#include <filesystem>

#include "engine/checksum.h"
#include "engine/files.h"
#include "engine/json.h"
#include "engine/state_file.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;

namespace llamba {
namespace {

std::string array_name(size_t i) {
  std::string digits = std::to_string(i);
  return "state." + std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}

/** Row-contiguous bytes of an evaluated array. */
const void* bytes_of(const mx::array& a) { return a.size() ? static_cast<const void*>(a.data<char>()) : nullptr; }

/** Length and header: all that comes before the data. */
std::string head_of(const StateImage& image, const std::string& checksum) {
  auto metadata = image.metadata;
  metadata["checksum"] = checksum;
  std::string text = "{\"__metadata__\":{";
  for (const auto& [key, value] : metadata) {
    if (text.back() != '{') text += ',';
    text += json_quote(key);
    text += ':';
    text += json_quote(value);
  }
  text += '}';
  for (const auto& [name, entry] : image.tensors) {
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
  std::string length(8, '\0');
  for (int i = 0; i < 8; ++i) length[i] = static_cast<char>(uint64_t(text.size()) >> (8 * i));
  return length + text;
}

void write(const StateImage& image, const std::string& head, const std::string& path) {
  AtomicFile file(path);
  file.write(head.data(), head.size());
  for (const auto& [bytes, size] : image.data) file.write(bytes, size);
  file.commit();
}

}  // namespace

StateImage image_of(const Model& model, const State& state, const std::string& note) {
  require_rows(state);
  Rows rows = model.to_file(state.rows);
  std::map<std::string, mx::array> arrays;
  if (state.hidden) arrays.emplace("hidden", *state.hidden);
  arrays.emplace("recent", mx::array(state.recent.begin(), {int(state.recent.size())}, mx::int32));
  for (size_t i = 0; i < rows.arrays.size(); ++i) arrays.emplace(array_name(i), rows.arrays[i]);

  StateImage image;
  image.tokens = state.tokens();
  image.metadata = {{"format", kStateFormat},
                    {"version", kStateVersion},
                    {"fingerprint", model.info().fingerprint},
                    {"tokens", std::to_string(state.tokens())},
                    {"note", note}};
  // Most are as a file has them already: nothing is computed then.
  for (auto& [name, array] : arrays) {
    bool dense = array.is_available() && array.flags().row_contiguous;
    image.arrays.push_back(dense ? array : mx::contiguous(array));
  }
  mx::eval(image.arrays);
  int64_t begin = 0;
  size_t i = 0;
  for (const auto& [name, array] : arrays) {
    int64_t end = begin + int64_t(array.nbytes());
    image.tensors.emplace(name, TensorEntry{array.dtype(), {array.shape().begin(), array.shape().end()}, begin, end});
    image.data.emplace_back(bytes_of(image.arrays[i++]), array.nbytes());
    begin = end;
  }
  return image;
}

std::string state_checksum(const std::map<std::string, TensorEntry>& tensors,
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

void write_image(const StateImage& image, const std::string& path) {
  write(image, head_of(image, state_checksum(image.tensors, image.metadata, image.data)), path);
}

Kept keep_image(const StateImage& image, const std::string& folder) {
  std::string checksum = state_checksum(image.tensors, image.metadata, image.data);
  std::string head = head_of(image, checksum), file = checksum + ".safetensors";
  fs::path path = fs::path(folder) / file;
  size_t bytes = head.size();
  for (const auto& part : image.data) bytes += part.second;
  std::error_code absent;
  if (fs::file_size(path, absent) != bytes || absent) write(image, head, path.string());
  return {file, image.tokens, int64_t(bytes)};
}

}  // namespace llamba
