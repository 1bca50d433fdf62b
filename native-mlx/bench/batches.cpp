// Many sequences that step together, without an Engine.
#include "engine/model.h"
#include "measuring.h"

namespace mx = mlx::core;

namespace llamba::bench {
namespace {

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

}  // namespace

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

}  // namespace llamba::bench
