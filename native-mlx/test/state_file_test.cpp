// State files: what is saved comes back, and every way a file can be wrong is refused by its own code.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "engine/files.h"
#include "engine/state_file.h"
#include "support.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

struct Saved {
  std::unique_ptr<Model> model;
  State state;
  std::vector<int32_t> ids;
};

Saved saved(const TempDir& dir, const std::string& path = "llamba/fp32-untied/model",
            const std::string& note = "n\"ote\n\xC3\xA9") {
  auto model = load(fixtures() / path);
  State state = fresh(*model);
  std::vector<int32_t> ids = some_ids(41, model->info().vocabulary, 8);
  feed(*model, state, ids, 16);
  write_state_file(dir / "state.safetensors", *model, state, note);
  return {std::move(model), state, ids};
}

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

int files_in(const fs::path& folder) { return int(std::distance(fs::directory_iterator(folder), {})); }

}  // namespace

TEST_CASE("A state resumed from its file goes on as the one that was saved") {
  for (std::string path : {"llamba/fp32-untied/model", "llamba/q8g64-mixed/model", "llama/q4g64-tied/model"}) {
    CAPTURE(path);
    TempDir dir;
    Saved s = saved(dir, path);
    LoadedState loaded = read_state_file(dir / "state.safetensors", *s.model);
    CHECK(loaded.note == "n\"ote\n\xC3\xA9");
    CHECK(loaded.state.tokens() == 41);
    CHECK(loaded.state.recent == s.ids);
    CHECK(mx::array_equal(*loaded.state.hidden, *s.state.hidden).item<bool>());
    std::vector<int32_t> more = some_ids(30, s.model->info().vocabulary, 9);
    mx::array from_file = feed(*s.model, loaded.state, more, 7), from_memory = feed(*s.model, s.state, more, 7);
    CHECK(mx::array_equal(from_file, from_memory).item<bool>());
    CHECK(files_in(dir.path) == 1);  // no temporary left
  }
}

TEST_CASE("A fresh state can be saved too") {
  for (const char* path : {"llamba/fp32-untied/model", "llama/q4g64-tied/model"}) {
    TempDir dir;
    auto model = load(fixtures() / path);
    write_state_file(dir / "s", *model, fresh(*model), "");
    LoadedState loaded = read_state_file(dir / "s", *model);
    CHECK(loaded.state.tokens() == 0);
    CHECK_FALSE(loaded.state.hidden);
  }
}

TEST_CASE("Any flipped bit is found") {
  TempDir dir;
  Saved s = saved(dir);
  std::string good = bytes_of(dir / "state.safetensors");
  auto flip = [&](size_t byte, int bit) {
    std::string bad = good;
    bad[byte] = char(bad[byte] ^ (1 << bit));
    write(dir / "bad", bad);
    return code_of([&] { read_state_file(dir / "bad", *s.model); });
  };
  for (size_t byte = 0; byte < 4000; byte += 3) {  // length, header, and the first data
    std::string code = flip(byte, int(byte % 8));
    CAPTURE(byte);
    // In the padding after the header a flip makes no JSON; anywhere else the checksum or the version tells.
    CHECK((code == "state-corrupt" || code == "state-version"));
  }
  for (size_t byte = good.size() - 1; byte > 4000; byte -= 997) CHECK(flip(byte, int(byte % 8)) == "state-corrupt");
}

TEST_CASE("A cut file is corrupt, wherever it is cut") {
  TempDir dir;
  Saved s = saved(dir);
  std::string good = bytes_of(dir / "state.safetensors");
  for (size_t size : {size_t(0), size_t(7), size_t(8), size_t(100), good.size() / 2, good.size() - 1}) {
    CAPTURE(size);
    write(dir / "cut", good.substr(0, size));
    CHECK(code_of([&] { read_state_file(dir / "cut", *s.model); }) == "state-corrupt");
  }
  CHECK(code_of([&] { read_state_file(dir / "none", *s.model); }) == "file-unreadable");
}

TEST_CASE("Another model's state and another version's are told apart") {
  TempDir dir;
  Saved s = saved(dir);
  for (const char* other : {"llamba/q4g64-untied/model", "llama/q4g64-tied/model"})
    CHECK(code_of([&] { read_state_file(dir / "state.safetensors", *load(fixtures() / other)); }) == "state-mismatch");
  std::string bytes = bytes_of(dir / "state.safetensors"), version = "\"version\":\"1\"";
  bytes.replace(bytes.find(version), version.size(), "\"version\":\"2\"");
  write(dir / "newer", bytes);
  CHECK(code_of([&] { read_state_file(dir / "newer", *s.model); }) == "state-version");
  CHECK(code_of([&] { read_state_file((fixtures() / "llamba/fp32-untied/golden.safetensors").string(), *s.model); }) ==
        "state-corrupt");
}

TEST_CASE("A full disk is said so, leaves no temporary file and keeps the old one") {
  TempDir dir;
  Saved s = saved(dir);
  std::string before = bytes_of(dir / "state.safetensors");
  // A limit on the size of files stands for the full disk; the signal that comes with it is not the point here.
  auto* old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  getrlimit(RLIMIT_FSIZE, &old_limit);
  rlimit small{4096, old_limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string code = code_of([&] { write_state_file(dir / "state.safetensors", *s.model, s.state, "new"); });
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  CHECK(code == "disk-full");
  CHECK(files_in(dir.path) == 1);
  CHECK(bytes_of(dir / "state.safetensors") == before);
  CHECK(code_of([&] { write_state_file(dir / "no/such/folder", *s.model, s.state, ""); }) == "file-unreadable");
}
