// Speed and memory of the engine without Node: `engine-bench COMMAND ...`, one JSON object a line. Times are medians of
// --repeats, after a warm-up. See usage().
#include <algorithm>
#include <chrono>
#include <future>
#include <iostream>
#include <map>
#include <sstream>

#include "engine/engine.h"
#include "engine/model.h"
#include "kernels/gpu_kernel.h"
#include "kernels/matvec_cuda.h"
#include "mlx/mlx.h"
#include "random_model.h"

namespace mx = mlx::core;
using namespace llamba;

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Options {
  std::vector<std::string> words;
  std::map<std::string, std::string> named;
  int number(const std::string& key, int otherwise) const {
    auto at = named.find(key);
    return at == named.end() ? otherwise : std::stoi(at->second);
  }
  std::vector<int> list(const std::string& key, const std::string& otherwise) const {
    auto at = named.find(key);
    std::stringstream text(at == named.end() ? otherwise : at->second);
    std::vector<int> out;
    for (std::string part; std::getline(text, part, ',');) out.push_back(std::stoi(part));
    return out;
  }
};

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

/** One line of results. */
class Line {
 public:
  explicit Line(const std::string& what) { text_ << "{\"what\":\"" << what << '"'; }
  ~Line() { std::cout << text_.str() << "}" << std::endl; }
  Line& add(const std::string& key, double value) {
    text_ << ",\"" << key << "\":" << value;
    return *this;
  }
  Line& add(const std::string& key, const std::string& value) {
    text_ << ",\"" << key << "\":\"" << value << '"';
    return *this;
  }
  Line& all(const std::string& key, const std::vector<double>& values) {
    text_ << ",\"" << key << "\":[";
    for (size_t i = 0; i < values.size(); ++i) text_ << (i ? "," : "") << values[i];
    text_ << "]";
    return *this;
  }

 private:
  std::ostringstream text_;
};

template <typename T>
std::pair<Done<T>, std::future<T>> settle() {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  auto done = [promise](Outcome<T> outcome) {
    if (auto* error = std::get_if<std::exception_ptr>(&outcome))
      promise->set_exception(*error);
    else
      promise->set_value(std::get<T>(std::move(outcome)));
  };
  return {done, std::move(future)};
}

template <typename T, typename F>
T wait(F start) {
  auto [done, future] = settle<T>();
  start(done);
  return future.get();
}

std::vector<int32_t> ids(int count) {
  std::vector<int32_t> out(count);
  for (int i = 0; i < count; ++i) out[i] = 1000 + int(uint32_t(i) * 2654435761u % 100'000u);
  return out;
}

void memory(Line& line) {
  line.add("active_bytes", double(mx::get_active_memory())).add("peak_bytes", double(mx::get_peak_memory()));
}

void device(const Options&) {
  auto info = mx::device_info(mx::default_device());
  Line line("device");
  for (const auto& [key, value] : info)
    if (auto* text = std::get_if<std::string>(&value)) line.add(key, *text);
  line.add("mlx", mx::version());
  // As ../shared/gpu/mlx_lm_baseline.py: one GB read, one written.
  mx::array a = mx::random::normal({1 << 28});
  a.eval();
  std::vector<double> rates;
  for (int r = 0; r < 6; ++r) {
    auto start = Clock::now();
    for (int i = 0; i < 10; ++i) mx::add(a, mx::array(1.0f)).eval();
    if (r > 0) rates.push_back(10 * 2 * double(a.nbytes()) / seconds_since(start) / 1e9);
  }
  line.all("stream_gb_per_s", rates);
}

struct Loaded {
  Engine engine;
  ModelInfo model;
  Loaded(const std::string& path, const std::string& where)
      : engine({where}), model(wait<ModelInfo>([&](auto done) { engine.load({path, {}}, {}, done); })) {}
  StateId fresh() {
    return wait<StateInfo>([&](auto done) { engine.create_state(model.id, done); }).id;
  }
  StateId fork(StateId s) {
    return wait<StateInfo>([&](auto done) { engine.fork_state(s, done); }).id;
  }
  FeedResult feed(StateId s, std::vector<int32_t> tokens, int chunk) {
    return wait<FeedResult>([&](auto done) { engine.feed({s, std::move(tokens), chunk}, {}, done); });
  }
  void free(StateId s) {
    wait<std::monostate>([&](auto done) { engine.free_state(s, done); });
  }
  GenerateResult generate(StateId s, int count, const Sampling& sampling) {
    GenerateRequest request;
    request.state = s;
    request.max_tokens = count;
    request.sampling = sampling;
    return wait<GenerateResult>([&](auto done) { engine.generate(request, {}, {}, done); });
  }
};

std::string where(const Options& o) { return o.named.count("device") ? o.named.at("device") : "gpu"; }

void decode(const Options& o) {
  Loaded l(o.words.at(1), where(o));
  int count = o.number("tokens", 200), repeats = o.number("repeats", 5);
  Sampling sampling;
  if (o.named.count("temperature")) {
    sampling.temperature = std::stof(o.named.at("temperature"));
    sampling.top_k = 40;
    sampling.repetition_penalty = 1.1f;
  }
  for (int context : o.list("contexts", "0,1024")) {
    StateId state = l.fresh();
    FeedResult fed = l.feed(state, ids(std::max(context, 1)), 0);
    std::vector<double> rates;
    for (int r = 0; r <= repeats; ++r) {
      StateId own = l.fork(state);
      GenerateResult g = l.generate(own, count, sampling);
      if (r > 0) rates.push_back(double(g.generated_tokens) / g.decode_ms * 1000);
      l.free(own);
    }
    Line line("decode");
    line.add("model", l.model.name).add("context", context).add("tokens", count).add("temperature", sampling.temperature);
    line.add("tok_per_s", median(rates)).all("all", rates).add("weight_bytes", double(l.model.weight_bytes));
    line.add("gb_per_s", median(rates) * double(l.model.weight_bytes) / 1e9).add("state_bytes", double(fed.bytes));
    memory(line);
    l.free(state);
  }
}

void prefill(const Options& o) {
  Loaded l(o.words.at(1), where(o));
  for (int chunk : o.list("chunks", "0"))
    for (int length : o.list("lengths", "2048")) {
      std::vector<double> rates;
      mx::reset_peak_memory();
      for (int r = 0; r <= o.number("repeats", 3); ++r) {
        StateId state = l.fresh();
        FeedResult fed = l.feed(state, ids(length), chunk);
        if (r > 0) rates.push_back(length / fed.ms * 1000);
        l.free(state);
      }
      Line line("prefill");
      line.add("model", l.model.name).add("length", length).add("chunk", chunk);
      line.add("tok_per_s", median(rates)).all("all", rates);
      memory(line);
    }
}

/** `count` sequences of `context` tokens each, whose content does not matter. */
Rows many(const Model& model, int count, int context) {
  Rows one = model.fresh(), out;
  if (model.info().architecture == "llamba") {
    for (const auto& a : one.arrays) {
      mx::Shape shape = a.shape();
      shape[0] = count;
      out.arrays.push_back(mx::zeros(shape, a.dtype()));
      out.arrays.back().eval();
    }
  } else {
    for (int i = 0; i < count; ++i)
      for (const auto& a : one.arrays) {
        mx::Shape shape = a.shape();
        shape[2] = (context / 256 + 1) * 256;
        out.arrays.push_back(mx::random::normal(shape, a.dtype()));
        out.arrays.back().eval();
      }
  }
  out.tokens.assign(count, context);
  return out;
}

void batch(const Options& o) {
  auto model = load_model(o.words.at(1), {});
  int steps = o.number("steps", 20), context = o.number("context", 8192);
  for (int count : o.list("batches", "1,2,4,8,16,32,64")) {
    std::cerr << count << " sequences" << std::endl;
    try {
      mx::clear_cache();
      mx::reset_peak_memory();
      Rows rows = many(*model, count, context);
      mx::array next = mx::full({count}, 1000, mx::int32);
      auto run = [&](int times) {
        mx::array before = next;
        for (int i = 0; i < times; ++i) {
          mx::array logits = model->logits(model->step(next, rows));
          next = mx::astype(mx::reshape(mx::argmax(logits, -1), {count}), mx::int32);
          std::vector<mx::array> outputs = rows.arrays;
          outputs.push_back(next);
          mx::async_eval(outputs);
          if (i > 0) before.eval();  // one step ahead, as a Batch
          before = next;
        }
        mx::eval(next);
        mx::synchronize();
      };
      run(3);
      std::vector<double> rates;
      for (int r = 0; r < o.number("repeats", 3); ++r) {
        auto start = Clock::now();
        run(steps);
        rates.push_back(double(count) * steps / seconds_since(start));
      }
      Line line("batch");
      line.add("model", model->info().name).add("batch", count).add("context", context);
      line.add("tok_per_s", median(rates)).all("all", rates).add("rows_bytes", double(rows.bytes()));
      memory(line);
    } catch (const std::exception& e) {
      Line("batch").add("model", model->info().name).add("batch", count).add("context", context).add("error", "failed");
      std::cerr << e.what() << std::endl;
      return;
    }
  }
}

/** What MLX's attention needs for one block of llama-8b with `count` caches as one array: the least a Llama could do. */
void attention(const Options& o) {
  int context = o.number("context", 8192);
  for (int count : o.list("batches", "1,8,32,56")) {
    mx::array q = mx::random::normal({count, 32, 1, 128}, mx::bfloat16);
    mx::array k = mx::random::normal({count, 8, context, 128}, mx::bfloat16);
    mx::array v = mx::random::normal({count, 8, context, 128}, mx::bfloat16);
    mx::eval(q, k, v);
    std::vector<double> times;
    for (int r = 0; r < 6; ++r) {
      auto start = Clock::now();
      mx::array y = q;
      for (int i = 0; i < 10; ++i) y = mx::fast::scaled_dot_product_attention(y, k, v, 0.088f);
      y.eval();
      if (r > 0) times.push_back(seconds_since(start) / 10 * 1e6);
    }
    Line("attention").add("batch", count).add("context", context).add("us", median(times)).add(
        "gb_per_s", 2 * double(k.nbytes()) / median(times) / 1e3);
  }
}

/** One product of a model in its several forms: what a launch costs and what a byte costs. */
void parts(const Options& o) {
  struct Product {
    const char* name;
    int rows, columns;
    bool norm, swiglu;
  };
  bool large = o.named.count("large");
  std::vector<Product> products =
      large ? std::vector<Product>{{"in", 12320, 4096, true, false}, {"out", 4096, 4096, false, false},
                                   {"gate_up", 28672, 4096, true, true}, {"down", 4096, 14336, false, false},
                                   {"head", 128256, 4096, false, false}}
            : std::vector<Product>{{"in", 8224, 2048, true, false}, {"out", 2048, 2048, false, false},
                                   {"gate_up", 16384, 2048, true, true}, {"down", 2048, 8192, false, false},
                                   {"head", 128256, 2048, false, false}};
  for (const Product& p : products) {
    double bytes = double(p.rows) * p.columns * (0.5 + 4.0 / 64);
    int copies = std::max(2, int(2e8 / bytes)), repeats = 1 + 40 / copies;
    std::vector<Linear> all;
    for (int i = 0; i < copies; ++i) {
      Linear l{mx::random::bits({p.rows, p.columns / 8}), mx::full({p.rows, p.columns / 64}, 0.01f, mx::bfloat16),
               mx::full({p.rows, p.columns / 64}, -0.075f, mx::bfloat16), {}, 64, 4};
      mx::eval(l.weight, *l.scales, *l.offsets);
      all.push_back(l);
    }
    mx::array norm = mx::ones({p.columns}, mx::bfloat16);
    for (int m : o.list("rows", "1,8,32,128,512")) {
      mx::array x = mx::random::normal({m, p.columns}, mx::bfloat16);
      mx::eval(x, norm);
      auto time = [&](const std::string& form, auto f) {
        std::vector<double> times;
        for (int r = 0; r < 3; ++r) {
          auto start = Clock::now();
          for (int k = 0; k < repeats; ++k) {
            mx::array y = mx::zeros({m, p.swiglu ? p.rows / 2 : p.rows}, mx::bfloat16);
            for (const auto& l : all) y = f(l, y);
            mx::async_eval(y);
          }
          mx::synchronize();
          if (r > 0) times.push_back(seconds_since(start) / (copies * repeats) * 1e6);
        }
        Line("product").add("name", p.name).add("rows_of_x", m).add("form", form).add("us", median(times)).add("gb_per_s", bytes / median(times) / 1e3);
      };
      if (m <= 8)
        time("matvec", [&](const Linear& l, const mx::array& y) {
          return matvec_cuda(l, x, {.norm = p.norm ? &norm : nullptr, .eps = 1e-5f, .residual = &y, .swiglu = p.swiglu});
        });
      if (m < 512 || p.rows % 128 == 0)
        time("packed", [&](const Linear& l, const mx::array& y) {
          mx::array out = mx::quantized_matmul(x, l.weight, *l.scales, *l.offsets, true, 64, 4);
          return mx::add(mx::slice(out, {0, 0}, y.shape()), y);
        });
      if (m >= 32)
        time("unpacked", [&](const Linear& l, const mx::array& y) {
          mx::array out = mx::matmul(x, mx::transpose(mx::dequantize(l.weight, *l.scales, *l.offsets, 64, 4)));
          return mx::add(mx::slice(out, {0, 0}, y.shape()), y);
        });
    }
  }
}

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
      mx::set_default_device(where(o) == "cpu" ? mx::Device::cpu : mx::Device::gpu);
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
