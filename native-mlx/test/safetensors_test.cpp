// Lying safetensors headers: each gives a named Error and no allocation of what it claims.
#include <doctest/doctest.h>

#include <fstream>

#include "engine/safetensors.h"
#include "support.h"

using namespace llamba;
using namespace llamba::test;

namespace {

std::string file(const TempDir& dir, const std::string& header, size_t data_bytes, uint64_t length = 0) {
  static int count = 0;
  std::string path = dir / (std::to_string(count++) + ".safetensors");
  std::ofstream out(path, std::ios::binary);
  if (length == 0) length = header.size();
  for (int i = 0; i < 8; ++i) out.put(char(length >> (8 * i)));
  out << header << std::string(data_bytes, '\1');
  return path;
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

}  // namespace

TEST_CASE("A true header is read: tensors, metadata, null metadata") {
  TempDir dir;
  auto header =
      read_safetensors_header(file(dir,
                                   R"({"__metadata__":{"k":"-Infinity"},"a":)" + entry("F32", "[2,3]", "[0,24]") +
                                       ",\"b\":" + entry("U32", "[]", "[24,28]") + "}   ",
                                   28));
  CHECK(header.metadata.at("k") == "-Infinity");
  CHECK(header.tensors.at("a").shape == std::vector<int32_t>{2, 3});
  CHECK(header.tensors.at("b").bytes() == 4);
  CHECK(read_safetensors_header(file(dir, R"({"__metadata__":null})", 0)).tensors.empty());
}

TEST_CASE("Lying headers are refused by name") {
  TempDir dir;
  struct Lie {
    std::string header;
    size_t data;
    const char* says;
  } lies[] = {
      {"{\"a\":" + entry("F32", "[1000000000,1000000000]", "[0,16]") + "}", 16, "bytes where its shape needs"},
      {"{\"a\":" + entry("F32", "[2147483647,2147483647,2147483647]", "[0,16]") + "}", 16, "impossible shape"},
      {"{\"a\":" + entry("F32", "[9000000000]", "[0,16]") + "}", 16, "impossible shape"},
      {"{\"a\":" + entry("F32", "[-1]", "[0,16]") + "}", 16, "impossible shape"},
      {"{\"a\":" + entry("F32", "[2.5]", "[0,10]") + "}", 10, "impossible shape"},
      {"{\"a\":" + entry("F32", "[1,1,1,1,1,1,1,1,1]", "[0,4]") + "}", 4, "too many dimensions"},
      {"{\"a\":" + entry("F33", "[4]", "[0,16]") + "}", 16, "unknown type"},
      {"{\"a\":" + entry("F32", "[4]", "[0,17]") + "}", 17, "bytes where its shape needs"},
      {"{\"a\":" + entry("F32", "[4]", "[16,0]") + "}", 16, "bad data_offsets"},
      {"{\"a\":" + entry("F32", "[4]", "[0,16,32]") + "}", 16, "bad data_offsets"},
      {"{\"a\":" + entry("F32", "[4]", "[0,1e300]") + "}", 16, "bad data_offsets"},
      {"{\"a\":" + entry("F32", "[4]", "[0,16]") + "}", 15, "beyond the end"},
      {"{\"a\":" + entry("F32", "[4]", "[0,16]") + ",\"b\":" + entry("F32", "[4]", "[8,24]") + "}", 24, "overlaps"},
      {"{\"a\":" + entry("F32", "[4]", "[0,16]") + ",\"b\":" + entry("F32", "[4]", "[20,36]") + "}", 36, "hole"},
      {"{\"a\":" + entry("F32", "[4]", "[0,16]") + "}", 20, "belong to no tensor"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[4]}}", 16, "lacks"},
      {"{\"a\":7}", 16, "lacks"},
      {"[1]", 16, "not an object"},
      {"{\"a\"", 16, "not JSON"},
      {"{\"__metadata__\":[]}", 0, "metadata"},
      {"{\"__metadata__\":{\"a\":1}}", 0, "metadata"},
  };
  for (const Lie& lie : lies) {
    CAPTURE(lie.header);
    std::string path = file(dir, lie.header, lie.data);
    CHECK(code_of([&] { read_safetensors_header(path); }) == "model-invalid");
    CHECK(message_of([&] { read_safetensors_header(path); }).find(lie.says) != std::string::npos);
  }
}

TEST_CASE("A header's length is held against the file") {
  TempDir dir;
  for (uint64_t length : {uint64_t(1000), uint64_t(1) << 40, ~uint64_t(0)}) {
    std::string path = file(dir, "{}", 0, length);
    CHECK(code_of([&] { read_safetensors_header(path); }) == "model-invalid");
  }
  std::ofstream(dir / "short.safetensors") << "abc";
  CHECK(code_of([&] { read_safetensors_header(dir / "short.safetensors", "state-corrupt"); }) == "state-corrupt");
  CHECK(code_of([&] { read_safetensors_header(dir / "none.safetensors"); }) == "file-unreadable");
  CHECK(code_of([&] { read_safetensors_header(dir.path.string()); }) == "file-unreadable");
}

TEST_CASE("Shards come from the index, which must be true and stay in its folder") {
  TempDir dir;
  CHECK(code_of([&] { list_safetensors(dir.path.string()); }) == "model-not-found");
  std::ofstream(dir / "b.safetensors") << "x";
  std::ofstream(dir / "a.safetensors") << "x";
  CHECK(list_safetensors(dir.path.string()) == std::vector<std::string>{dir / "a.safetensors", dir / "b.safetensors"});
  auto index = [&](const std::string& text) {
    std::ofstream(dir / "model.safetensors.index.json") << text;
    return code_of([&] { list_safetensors(dir.path.string()); });
  };
  CHECK(index(R"({"weight_map":{"t":"b.safetensors"}})") == "");
  CHECK(list_safetensors(dir.path.string()).size() == 1);
  CHECK(index(R"({"weight_map":{"t":"c.safetensors"}})") == "tensor-missing");
  CHECK(index(R"({"weight_map":{"t":"../a.safetensors"}})") == "model-invalid");
  CHECK(index("{") == "model-invalid");
}
