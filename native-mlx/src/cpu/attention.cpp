#include "cpu/attention.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "cpu/arrays.h"
#include "cpu/gemm.h"
#include "cpu/pool.h"
#include "cpu/scratch.h"
#include "mlx/primitives.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kQueries = 64;  // of one part: its scores [64, T] stay in the caches up to a few thousand keys

struct Heads {
  const float* data;
  int64_t batch, head, token;  // strides
  const float* at(int b, int h, int t) const { return data + b * batch + h * head + t * token; }
};

Heads heads(const mx::array& a) { return {a.data<float>(), a.strides(0), a.strides(1), a.strides(2)}; }

struct Job {
  Heads q, k, v;
  float* out;
  int H, G, L, T, D;
  float scale;
  bool causal;
};

// Queries [l0, l1) of head h of sequence b.
void attend(const Job& j, int b, int h, int l0, int l1) {
  const int g = h * j.G / j.H, rows = l1 - l0;
  const int seen = j.causal ? j.T - j.L + l1 : j.T;  // by the last of them
  float* scores = cpu::scratch(cpu::Scratch::scores, static_cast<size_t>(rows) * seen);
  cpu::gemm(rows, seen, j.D, 1, {j.q.at(b, h, l0), j.q.token, 1}, {j.k.at(b, g, 0), 1, j.k.token}, 0, scores, seen);
  for (int r = 0; r < rows; r++) {
    const int own = j.causal ? j.T - j.L + l0 + r + 1 : j.T;
    float* row = scores + static_cast<size_t>(r) * seen;
    cpu::kernels().softmax(row, own, j.scale);
    std::fill(row + own, row + seen, 0.0f);
  }
  float* out = j.out + ((static_cast<int64_t>(b) * j.H + h) * j.L + l0) * j.D;
  cpu::gemm(rows, j.D, seen, 1, {scores, seen, 1}, {j.v.at(b, g, 0), j.v.token, 1}, 0, out, j.D);
}

class Attention : public mx::UnaryPrimitive {
 public:
  Attention(mx::Stream stream, float scale, bool causal) : UnaryPrimitive(stream), scale_(scale), causal_(causal) {}
  const char* name() const override { return "LlambaAttention"; }
  void eval_gpu(const std::vector<mx::array>&, mx::array&) override {
    throw std::runtime_error("[LlambaAttention] runs on the CPU only");
  }
  void eval_cpu(const std::vector<mx::array>& inputs, mx::array& out) override {
    std::vector<mx::array> in;
    for (const auto& a : inputs) in.push_back(a.strides(-1) == 1 ? a : cpu::dense({a}, stream())[0]);
    out.set_data(mx::allocator::malloc(out.nbytes()));
    const Job job = {heads(in[0]),   heads(in[1]),   heads(in[2]),   out.data<float>(), in[0].shape(1), in[1].shape(1),
                     in[0].shape(2), in[1].shape(2), in[0].shape(3), scale_,            causal_};
    mx::cpu::get_command_encoder(stream()).dispatch([job, batch = in[0].shape(0)] {
      const int blocks = (job.L + kQueries - 1) / kQueries, all = batch * job.H * blocks;
      const auto part = [&](int i) {
        const int b = i / (job.H * blocks), h = i / blocks % job.H, l0 = i % blocks * kQueries;
        attend(job, b, h, l0, std::min(job.L, l0 + kQueries));
      };
      cpu::parallel(all, part);
    });
  }

 private:
  float scale_;
  bool causal_;
};

}  // namespace

mx::array cpu_attention(const mx::array& q, const mx::array& k, const mx::array& v, float scale, bool causal) {
  if (q.ndim() != 4 || k.shape() != v.shape() || k.ndim() != 4 || q.shape(0) != k.shape(0) ||
      q.shape(3) != k.shape(3) || q.shape(1) % k.shape(1) != 0 || k.shape(2) == 0 ||
      (causal && q.shape(2) > k.shape(2)))
    throw std::invalid_argument("[llamba] attention: the shapes of q, k and v do not fit");
  const auto f32 = [](const mx::array& a) { return mx::astype(a, mx::float32); };
  auto attention = std::make_shared<Attention>(mx::default_stream(mx::Device::cpu), scale, causal);
  return mx::array(q.shape(), mx::float32, std::move(attention), {f32(q), f32(k), f32(v)});
}

}  // namespace llamba
