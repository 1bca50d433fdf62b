#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mlx/dtype.h"

namespace llamba {

/** One tensor as a safetensors header describes it, already checked against the file. */
struct TensorEntry {
  mlx::core::Dtype dtype;
  std::vector<int32_t> shape;
  int64_t begin, end;  // bytes from the file's start
  int64_t bytes() const { return end - begin; }
};

struct SafetensorsHeader {
  std::string path;
  int64_t file_bytes;
  std::map<std::string, TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
};

/** Reads a header and holds it against the file: lengths, JSON, known types, shape times type = bytes, no overlap, no
    hole, nothing outside. Nothing of the file's claimed sizes is allocated. Throws Error with `code` naming the tensor
    and the fault; file-unreadable when the file cannot be opened. */
SafetensorsHeader read_safetensors_header(const std::string& path, const std::string& code = "model-invalid");

/** The *.safetensors files of a directory, sorted; those that its model.safetensors.index.json names when there is
    one (a file that it names and that is missing is an Error tensor-missing). Throws model-not-found when none. */
std::vector<std::string> list_safetensors(const std::string& directory);

/** "F32", "BF16" ...: the format's word for a type. */
std::string safetensors_dtype(mlx::core::Dtype dtype);

}  // namespace llamba
