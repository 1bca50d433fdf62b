#include "engine/safetensors.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>

#include "engine/error.h"
#include "engine/files.h"
#include "engine/json.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int64_t kMaxHeader = 100'000'000;  // as the format's own library
constexpr int64_t kMaxIndex = 100'000'000;
constexpr size_t kMaxRank = 8;

const std::map<std::string, mx::Dtype>& dtypes() {
  static const std::map<std::string, mx::Dtype> known = {
      {"BOOL", mx::bool_}, {"U8", mx::uint8},    {"U16", mx::uint16},    {"U32", mx::uint32},
      {"U64", mx::uint64}, {"I8", mx::int8},     {"I16", mx::int16},     {"I32", mx::int32},
      {"I64", mx::int64},  {"F16", mx::float16}, {"BF16", mx::bfloat16}, {"F32", mx::float32}};
  return known;
}

struct Refuse {
  std::string path, code;
  [[noreturn]] void operator()(const std::string& why) const {
    throw Error(code, fs::path(path).filename().string() + " is not a valid safetensors file: " + why,
                "The file is damaged or incomplete. Download it again.");
  }
};

/** A whole number from 0 to 2^53, else nothing. */
std::optional<int64_t> whole(const Json& json) {
  const double* n = json.number();
  if (!n || !(*n >= 0) || *n > 9007199254740992.0 || *n != std::floor(*n)) return {};
  return int64_t(*n);
}

TensorEntry read_entry(const std::string& name, const Json& json, int64_t data, int64_t file_bytes,
                       const Refuse& refuse) {
  std::string what = "tensor \"" + name.substr(0, 200) + "\" ";
  const Json *dtype = json.find("dtype"), *shape = json.find("shape"), *offsets = json.find("data_offsets");
  if (!dtype || !dtype->string() || !shape || !shape->array() || !offsets || !offsets->array())
    refuse(what + "lacks dtype, shape or data_offsets");
  auto known = dtypes().find(*dtype->string());
  if (known == dtypes().end()) refuse(what + "has the unknown type \"" + dtype->string()->substr(0, 40) + "\"");
  if (shape->array()->size() > kMaxRank) refuse(what + "has too many dimensions");

  std::vector<int32_t> dims;
  int64_t bytes = mx::size_of(known->second);
  for (const Json& dim : *shape->array()) {
    auto n = whole(dim);
    if (!n || *n > std::numeric_limits<int32_t>::max()) refuse(what + "has an impossible shape");
    dims.push_back(int32_t(*n));
    if (__builtin_mul_overflow(bytes, *n, &bytes)) refuse(what + "has an impossible shape");
  }
  if (offsets->array()->size() != 2) refuse(what + "has bad data_offsets");
  auto begin = whole(offsets->array()->at(0)), end = whole(offsets->array()->at(1));
  if (!begin || !end || *begin > *end) refuse(what + "has bad data_offsets");
  if (*end > file_bytes - data) refuse(what + "lies beyond the end of the file");
  if (*end - *begin != bytes)
    refuse(what + "has " + std::to_string(*end - *begin) + " bytes where its shape needs " + std::to_string(bytes));
  return {known->second, std::move(dims), data + *begin, data + *end};
}

/** The format allows neither overlaps nor holes: tensors in order of offset tile the data. */
void check_tiling(const SafetensorsHeader& header, int64_t data, const Refuse& refuse) {
  std::vector<std::pair<const std::string*, const TensorEntry*>> order;
  for (const auto& [name, entry] : header.tensors) order.emplace_back(&name, &entry);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end);
  });
  int64_t at = data;
  for (const auto& [name, entry] : order) {
    if (entry->begin != at)
      refuse("tensor \"" + name->substr(0, 200) + (entry->begin < at ? "\" overlaps another" : "\" follows a hole"));
    at = entry->end;
  }
  if (at != header.file_bytes) refuse("it has bytes that belong to no tensor");
}

}  // namespace

SafetensorsHeader read_safetensors_header(const std::string& path, const std::string& code) {
  Refuse refuse{path, code};
  ReadFile file(path);
  SafetensorsHeader header{path, file.size(), {}, {}};
  if (file.size() < 10) refuse("it is too short");
  unsigned char raw[8];
  file.read(raw, 8, 0);
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | raw[i];
  if (length > uint64_t(kMaxHeader) || int64_t(length) > file.size() - 8) refuse("its header's length is impossible");
  std::string text(length, '\0');
  file.read(text.data(), int64_t(length), 8);

  Json json;
  try {
    json = parse_json(text);
  } catch (const JsonError& error) {
    refuse(std::string("its header is not JSON: ") + error.what());
  }
  if (!json.object()) refuse("its header is not an object");
  int64_t data = 8 + int64_t(length);
  for (const auto& [name, value] : *json.object()) {
    if (name != "__metadata__") {
      header.tensors.emplace(name, read_entry(name, value, data, file.size(), refuse));
      continue;
    }
    if (value.is_null()) continue;  // MLX writes null when it has none
    if (!value.object()) refuse("its metadata is not an object");
    for (const auto& [key, entry] : *value.object()) {
      if (!entry.string()) refuse("its metadata holds something else than strings");
      header.metadata.emplace(key, *entry.string());
    }
  }
  check_tiling(header, data, refuse);
  return header;
}

std::vector<std::string> list_safetensors(const std::string& directory) {
  fs::path folder(directory), index = folder / "model.safetensors.index.json";
  std::set<std::string> names;
  std::error_code error;
  if (fs::exists(index, error)) {
    Json json;
    try {
      json = parse_json(read_text(index.string(), kMaxIndex));
    } catch (const JsonError& e) {
      throw Error("model-invalid", index.string() + " is not JSON: " + e.what(), "Download the model again.");
    }
    const Json* map = json.find("weight_map");
    if (map && map->object())
      for (const auto& [tensor, file] : *map->object()) {
        // A plain name only: an index must not lead out of its folder.
        if (!file.string() || fs::path(*file.string()).filename() != *file.string() || file.string()->empty())
          throw Error("model-invalid", index.string() + " names a bad file for \"" + tensor.substr(0, 200) + "\"",
                      "Download the model again.");
        if (!fs::exists(folder / *file.string(), error))
          throw Error("tensor-missing",
                      "\"" + tensor.substr(0, 200) + "\" is missing: there is no file " + *file.string(),
                      "The download is incomplete. Download the model again.");
        names.insert(*file.string());
      }
  } else {
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.path().extension() == ".safetensors") names.insert(entry.path().filename().string());
    if (error)
      throw Error("file-unreadable", directory + " cannot be read: " + error.message(),
                  "Check that the folder may be read.");
  }
  if (names.empty())
    throw Error("model-not-found", directory + " holds no .safetensors file", "Choose a folder that holds a model.");
  std::vector<std::string> paths;
  for (const auto& name : names) paths.push_back((folder / name).string());
  return paths;
}

std::string safetensors_dtype(mx::Dtype dtype) {
  for (const auto& [name, known] : dtypes())
    if (known == dtype) return name;
  throw std::logic_error("a type that safetensors has no word for");
}

}  // namespace llamba
