// Kept states: the image of a moment, written by another thread under the name of its content.
#include <sys/stat.h>

#include <fstream>

#include "engine/state_file.h"
#include "engine/state_image.h"
#include "engine_support.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

const std::vector<std::string> kModels{"llamba/q4g64-untied/model", "llama/q4g64-tied/model"};

std::vector<std::string> files_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

ino_t inode(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_ino;
}

std::future<Kept> keep(Sync& s, StateId state, const TempDir& dir, const std::string& note = "") {
  auto [done, future] = settle<Kept>();
  s.engine.keep_state(state, dir.path.string(), note, done);
  return std::move(future);
}

/** What the state in a kept file would say next. */
std::vector<float> next_of_file(Sync& s, ModelId model, const std::string& path) {
  auto [done, future] = settle<std::pair<StateInfo, std::string>>();
  s.engine.load_state(model, path, done);
  StateId state = future.get().first.id;
  std::vector<float> out = next_of(s, state);
  s.free(state);
  return out;
}

}  // namespace

TEST_CASE("An image stays what it was while the state is stepped on") {
  for (const std::string& path : kModels) {
    CAPTURE(path);
    TempDir dir;
    auto model = load(fixtures() / path);
    State state = fresh(*model);
    feed_stepwise(*model, state, some_ids(20, model->info().vocabulary, 3));
    write_state_file(dir / "then", *model, state, "note");
    StateImage image = image_of(*model, state, "note");
    feed_stepwise(*model, state, some_ids(20, model->info().vocabulary, 4));
    Kept kept = keep_image(image, dir.path.string());
    CHECK(kept.tokens == 20);
    CHECK(kept.bytes == int64_t(fs::file_size(dir / kept.file)));
    LoadedState loaded = read_state_file(dir / kept.file, *model), then = read_state_file(dir / "then", *model);
    std::vector<int32_t> more = some_ids(10, model->info().vocabulary, 5);
    CHECK(mx::array_equal(feed(*model, loaded.state, more, 4), feed(*model, then.state, more, 4)).item<bool>());
  }
}

TEST_CASE("A kept file has the name of its content") {
  TempDir dir;
  auto model = load(fixtures() / kModels[0]);
  State state = fresh(*model);
  std::vector<int32_t> ids = some_ids(20, model->info().vocabulary, 3);
  feed(*model, state, ids, 8);
  auto name = [&](const std::string& note) { return keep_image(image_of(*model, state, note), dir.path.string()).file; };
  std::string first = name("a");
  CHECK(first.size() == 16 + std::string(".safetensors").size());
  CHECK(name("a") == first);
  CHECK(name("b") != first);
  State same = fresh(*model);
  feed(*model, same, ids, 8);
  CHECK(keep_image(image_of(*model, same, "a"), dir.path.string()).file == first);
  feed(*model, state, {1}, 8);
  CHECK(name("a") != first);
  CHECK(files_in(dir.path).size() == 3);
}

TEST_CASE("A file that is there whole is left, one that is not is written again") {
  TempDir dir;
  auto model = load(fixtures() / kModels[0]);
  State state = fresh(*model);
  feed(*model, state, {1, 2, 3}, 8);
  StateImage image = image_of(*model, state, "");
  std::string path = dir / keep_image(image, dir.path.string()).file;
  ino_t before = inode(path);
  keep_image(image, dir.path.string());
  CHECK(inode(path) == before);
  fs::resize_file(path, fs::file_size(path) / 2);
  keep_image(image, dir.path.string());
  CHECK(read_state_file(path, *model).state.tokens() == 3);
  CHECK(files_in(dir.path).size() == 1);
}

TEST_CASE("Keeping goes beside a generation and changes nothing in it") {
  for (const std::string& path : kModels) {
    CAPTURE(path);
    TempDir dir;
    Sync s;
    ModelInfo model = s.load(path);
    StateId writing = s.create(model.id), other = s.create(model.id);
    s.feed(writing, some_ids(30, 512, 1));
    s.feed(other, some_ids(30, 512, 2));
    StateId again = s.fork(writing);
    std::vector<float> wanted = next_of(s, other);

    std::promise<void> begun;
    bool once = false;
    JobId job;
    auto running = s.start(request(writing, {1}, 1'000'000), &job, [&](const std::vector<int32_t>&) {
      if (!std::exchange(once, true)) begun.set_value();
    });
    begun.get_future().get();
    Kept kept = keep(s, other, dir).get();  // comes back while the other goes on for ever
    CHECK(kept.tokens == 30);
    auto waiting = keep(s, writing, dir);  // of a state at work: its turn comes afterwards
    CHECK(waiting.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
    s.engine.cancel(job);
    Generated long_one = running.get();
    Kept after = waiting.get();
    CHECK(after.tokens == long_one.result.state_tokens);

    check_same(next_of_file(s, model.id, dir / kept.file), wanted);
    check_same(next_of_file(s, model.id, dir / after.file), next_of(s, writing));
    Generated undisturbed = s.generate(request(again, {1}, int(long_one.ids.size())));
    CHECK(undisturbed.ids == long_one.ids);
  }
}

TEST_CASE("A state may be freed and its model unloaded while it is kept") {
  TempDir dir;
  Sync s;
  ModelInfo model = s.load(kModels[0]);
  size_t loaded = mx::get_active_memory();
  StateId state = s.create(model.id);
  s.feed(state, some_ids(30, 512, 1));
  std::vector<float> wanted = next_of(s, state);
  auto kept = keep(s, state, dir);
  s.free(state);
  check_same(next_of_file(s, model.id, dir / kept.get().file), wanted);
  CHECK(mx::get_active_memory() <= loaded);  // the image's arrays are gone too
  state = s.create(model.id);
  kept = keep(s, state, dir);
  s.unload(model.id);
  CHECK(kept.get().tokens == 0);
}

TEST_CASE("Closing the engine finishes what is being kept") {
  TempDir dir;
  std::vector<std::future<Kept>> kept;
  {
    Sync s;
    ModelInfo model = s.load(kModels[0]);
    StateId state = s.create(model.id);
    for (int i = 0; i < 20; ++i) {
      s.feed(state, {i});
      kept.push_back(keep(s, state, dir));
    }
    s.info(state);  // all are begun
  }
  auto model = load(fixtures() / kModels[0]);
  for (int i = 0; i < 20; ++i) CHECK(read_state_file(dir / kept[i].get().file, *model).state.tokens() == i + 1);
  CHECK(files_in(dir.path).size() == 20);
}

TEST_CASE("A state that cannot be kept is said so, and the next one is kept") {
  TempDir dir;
  Sync s;
  ModelInfo model = s.load(kModels[0]);
  StateId state = s.create(model.id);
  auto keep_in = [&](const std::string& folder) {
    auto [done, future] = settle<Kept>();
    s.engine.keep_state(state, folder, "", done);
    return code_of([f = &future] { f->get(); });
  };
  CHECK(keep_in(dir / "absent") == "file-unreadable");
  std::ofstream(dir / "file") << "x";
  CHECK(keep_in(dir / "file") == "file-unreadable");
  CHECK(files_in(dir.path).size() == 1);
  CHECK(keep_in(dir.path.string()) == "");
  s.free(state);
  CHECK(keep_in(dir.path.string()) == "state-not-found");
}
