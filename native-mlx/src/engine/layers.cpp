#include "engine/layers.h"

#include <algorithm>

#include "cpu/pool.h"
#include "engine/host_layers.h"
#include "engine/host_op.h"
#include "kernels/layers_gpu.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int64_t kWorthThreads = 1 << 15;  // elements below which waking other threads costs more than it gives

template <typename F>
void over_rows(int rows, int64_t width, F f) {
  if (rows * width < kWorthThreads) return f(0, rows);
  int parts = std::min(rows, cpu::pool_threads() * 4);
  cpu::parallel(parts, [&](int i) { f(int64_t(rows) * i / parts, int64_t(rows) * (i + 1) / parts); });
}

struct RmsNorm {
  static constexpr const char* kName = "RmsNorm";
  float eps;
  auto bind(const std::vector<mx::array>& in, std::vector<mx::array>& out) const {
    int width = in[0].shape(-1);
    return [x = in[0].data<float>(), w = in[1].data<float>(), y = out[0].data<float>(), width,
            rows = int(in[0].size() / width), eps = eps] {
      over_rows(rows, width, [=](int64_t from, int64_t to) {
        norm_rows(x + from * width, nullptr, w, nullptr, y + from * width, to - from, width, eps);
      });
    };
  }
};

struct AddRmsNorm {
  static constexpr const char* kName = "AddRmsNorm";
  float eps;
  auto bind(const std::vector<mx::array>& in, std::vector<mx::array>& out) const {
    int width = in[0].shape(-1);
    return [h = in[0].data<float>(), d = in[1].data<float>(), w = in[2].data<float>(), sum = out[0].data<float>(),
            y = out[1].data<float>(), width, rows = int(in[0].size() / width), eps = eps] {
      over_rows(rows, width, [=](int64_t from, int64_t to) {
        int64_t at = from * width;
        norm_rows(h + at, d + at, w, sum + at, y + at, to - from, width, eps);
      });
    };
  }
};

struct SwiGlu {
  static constexpr const char* kName = "SwiGlu";
  auto bind(const std::vector<mx::array>& in, std::vector<mx::array>& out) const {
    int width = out[0].shape(-1);
    return [x = in[0].data<float>(), y = out[0].data<float>(), width, rows = int(out[0].size() / width)] {
      over_rows(rows, width, [=](int64_t from, int64_t to) {
        swiglu_rows(x + from * 2 * width, y + from * width, to - from, width);
      });
    };
  }
};

}  // namespace

mx::array rms_norm(const mx::array& x, const mx::array& w, float eps) {
  if (!on_cpu()) return mx::fast::rms_norm(x, w, eps);
  return host_op(RmsNorm{eps}, {x.shape()}, {x, w})[0];
}

std::pair<mx::array, mx::array> add_rms_norm(const mx::array& h, const mx::array& delta, const mx::array& w,
                                             float eps) {
  if (!on_cpu()) return add_rms_norm_gpu(this_gpu(), h, delta, w, eps);
  auto out = host_op(AddRmsNorm{eps}, {h.shape(), h.shape()}, {h, delta, w});
  return {out[0], out[1]};
}

mx::array swiglu(const mx::array& gate_up) {
  if (!on_cpu()) return swiglu_gpu(this_gpu(), gate_up);
  mx::Shape shape = gate_up.shape();
  shape.back() /= 2;
  return host_op(SwiGlu{}, {shape}, {gate_up})[0];
}

}  // namespace llamba
