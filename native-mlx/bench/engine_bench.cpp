// Speed and memory of the engine without Node: `engine-bench COMMAND ...`, one JSON object a line. Times are medians of
// --repeats, after a warm-up. See usage().
#include <cstdlib>

#include "engine/memory_speed.h"
#include "measuring.h"
#include "random_model.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::bench;

void bench::device(const Options&) {
  Line line("device");
  for (const auto& [key, value] : mx::device_info(mx::default_device()))
    if (auto* text = std::get_if<std::string>(&value)) line.add(key, *text);
  line.add("mlx", mx::version());
  std::vector<double> rates;
  for (int r = 0; r < 5; ++r) rates.push_back(memory_speed() / 1e9);
  line.add("stream_gb_per_s", median(rates)).all("all", rates);
}

namespace {

int usage() {
  std::cerr << "engine-bench device\n"
               "engine-bench make SHAPE FOLDER\n"
               "engine-bench decode FOLDER --contexts 0,1024 --tokens 200 --repeats 5 --temperature T\n"
               "engine-bench prefill FOLDER --lengths 2048 --chunks 0 --repeats 3\n"
               "engine-bench batch FOLDER --batches 1,2,4 --context 8192 --steps 20\n"
               "engine-bench attention --batches 1,8 --context 8192\n"
               "engine-bench parts --rows 1,8 [--large yes]\n"
               "all: --device gpu|cpu\nshapes:";
  for (const auto& name : bench::shapes()) std::cerr << ' ' << name;
  std::cerr << std::endl;
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word.rfind("--", 0) != 0)
      o.words.push_back(word);
    else if (i + 1 < argc)
      o.named[word.substr(2)] = argv[++i];
  }
  if (o.words.empty()) return usage();
  const std::map<std::string, void (*)(const Options&)> commands{
      {"device", device}, {"decode", decode}, {"prefill", prefill}, {"batch", batch}, {"parts", parts}, {"attention", attention}};
  try {
    if (o.words[0] == "make") return bench::make_model(o.words.at(1), o.words.at(2)), 0;
    auto command = commands.find(o.words[0]);
    if (command == commands.end()) return usage();
    // Only where this thread works itself; an Engine has a thread of its own.
    if (o.words[0] == "device" || o.words[0] == "batch" || o.words[0] == "parts" ||
        o.words[0] == "attention") {
      mx::set_default_device(o.device() == "cpu" ? mx::Device::cpu : mx::Device::gpu);
      setenv("MLX_MAX_OPS_PER_BUFFER", "300", 0);  // as the engine
      mx::set_cache_limit(4ull << 30);
    }
    command->second(o);
  } catch (const std::exception& e) {
    std::cerr << e.what() << std::endl;
    return 1;
  }
  return 0;
}
