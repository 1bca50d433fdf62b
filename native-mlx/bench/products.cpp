// Products of matrices alone.
#include "kernels/matvec_cuda.h"
#include "measuring.h"

namespace mx = mlx::core;

namespace llamba::bench {

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

}  // namespace llamba::bench
