#include "engine/llamba_step.h"

#include <algorithm>

#include "cpu/arrays.h"
#include "cpu/pool.h"
#include "cpu/product.h"
#include "engine/host_layers.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/primitives.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

// State elements below which waking other threads for the mixer costs more than it gives.
constexpr int64_t kWorthThreads = 1 << 15;

struct StateIO {
  const float *conv, *ssm;
  float *conv_next, *ssm_next;
};

void run_mixer(const StepPlan& p, const StepPlan::Block& b, const StateIO& io, const float* proj, int rows, float* y) {
  const MixerShape& s = p.mixer;
  cpu::MixerJob job{s.heads, s.groups,      s.head_width, s.state_size, s.taps, s.swish, proj,         io.conv,
                    io.ssm,  b.conv_weight, b.conv_bias,  b.z_bias,     b.D,    y,       io.conv_next, io.ssm_next};
  auto step = cpu::kernels().mixer_step;
  auto head = [&](int i) { step(job, i / s.heads, i % s.heads); };
  int count = rows * s.heads;
  if (int64_t(count) * s.head_width * s.state_size >= kWorthThreads) return cpu::parallel(count, head);
  for (int i = 0; i < count; ++i) head(i);
}

void run_blocks(const StepPlan& p, const std::vector<StateIO>& states, const float* h_in, int rows, float* hidden) {
  const MixerShape& s = p.mixer;
  int64_t proj_width = s.convolved() + s.inner() + s.heads;
  auto take = [&](int64_t width) { return std::vector<float>(size_t(rows) * width); };
  std::vector<float> h(h_in, h_in + int64_t(rows) * p.width), u = take(p.width), delta = take(p.width), proj = take(proj_width),
                                                              y = take(s.inner()), gate_up = take(2 * p.mlp_width),
                                                              part = take(p.mlp_width);
  // Each product is added to h by the norm that reads the sum.
  norm_rows(h.data(), nullptr, p.blocks[0].mixer_norm, nullptr, u.data(), rows, p.width, p.eps);
  for (size_t b = 0; b < p.blocks.size(); ++b) {
    const auto& block = p.blocks[b];
    block.in_proj(u.data(), rows, proj.data());
    run_mixer(p, block, states[b], proj.data(), rows, y.data());
    block.out_proj(y.data(), rows, delta.data());
    norm_rows(h.data(), delta.data(), block.mlp_norm, h.data(), u.data(), rows, p.width, p.eps);
    if (block.gate_up.size() == 1) {
      block.gate_up[0](u.data(), rows, gate_up.data());
    } else {
      for (size_t side = 0; side < 2; ++side) {  // stored in two ways: side by side afterwards
        block.gate_up[side](u.data(), rows, part.data());
        for (int r = 0; r < rows; ++r)
          std::copy_n(&part[size_t(r) * p.mlp_width], p.mlp_width, &gate_up[(2 * size_t(r) + side) * p.mlp_width]);
      }
    }
    swiglu_rows(gate_up.data(), part.data(), rows, p.mlp_width);
    block.down(part.data(), rows, delta.data());
    bool last = b + 1 == p.blocks.size();
    norm_rows(h.data(), delta.data(), last ? p.last_norm : p.blocks[b + 1].mixer_norm, h.data(),
              last ? hidden : u.data(), rows, p.width, last ? p.last_eps : p.eps);
  }
}

class LlambaStep : public mx::Primitive {
 public:
  LlambaStep(mx::Stream stream, std::shared_ptr<const StepPlan> plan, std::vector<char> in_place)
      : Primitive(stream), plan_(std::move(plan)), in_place_(std::move(in_place)) {}
  const char* name() const override { return "LlambaStep"; }
  void eval_gpu(const std::vector<mx::array>&, std::vector<mx::array>&) override {
    throw std::logic_error("LlambaStep runs on the CPU only");
  }
  /** in: h, then each block's convolution and ssm state; out: hidden, then the same. */
  void eval_cpu(const std::vector<mx::array>& inputs, std::vector<mx::array>& out) override {
    std::vector<mx::array> in = cpu::dense(inputs, stream());
    std::vector<StateIO> states;
    out[0].set_data(mx::allocator::malloc(out[0].nbytes()));
    for (size_t i = 1; i < out.size(); i += 2) {
      out[i].set_data(mx::allocator::malloc(out[i].nbytes()));
      if (in_place_[i])
        out[i + 1].copy_shared_buffer(inputs[i + 1]);
      else
        out[i + 1].set_data(mx::allocator::malloc(out[i + 1].nbytes()));
      states.push_back({in[i].data<float>(), in[i + 1].data<float>(), out[i].data<float>(), out[i + 1].data<float>()});
    }
    mx::cpu::get_command_encoder(stream()).dispatch(
        [plan = plan_, states = std::move(states), h = in[0].data<float>(), rows = in[0].shape(0),
         hidden = out[0].data<float>()] { run_blocks(*plan, states, h, rows, hidden); });
  }

 private:
  std::shared_ptr<const StepPlan> plan_;
  std::vector<char> in_place_;  // of each state array
};

}  // namespace

StepPlan::Product::Product(const Linear& linear, int in)
    : matrix(linear.scales
                 ? cpu::matrix({linear.weight, *linear.scales, *linear.offsets}, 0, in, linear.group_size, linear.bits)
                 : cpu::matrix({linear.weight}, 0, in, 0, 0)) {
  if (linear.bias) bias.assign(linear.bias->data<float>(), linear.bias->data<float>() + linear.bias->size());
}

void StepPlan::Product::operator()(const float* x, int M, float* y) const {
  cpu::multiply(matrix, x, M, y);
  if (bias.empty()) return;
  for (int r = 0; r < M; ++r)
    for (int n = 0; n < matrix.N; ++n) y[int64_t(r) * matrix.N + n] += bias[n];
}

mx::array run_step(std::shared_ptr<const StepPlan> plan, const mx::array& h, std::vector<mx::array>& arrays) {
  std::vector<mx::array> inputs{h};
  std::vector<mx::Shape> shapes{h.shape()};
  // A state that nobody else holds is updated in place. Asked here, since each output of a primitive holds its inputs.
  std::vector<char> in_place;
  for (auto& a : arrays) {
    in_place.push_back(a.is_donatable() && a.flags().row_contiguous);
    shapes.push_back(a.shape());
    inputs.push_back(std::move(a));
  }
  auto step = std::make_shared<LlambaStep>(mx::default_stream(mx::Device::cpu), std::move(plan), std::move(in_place));
  auto out = mx::array::make_arrays(std::move(shapes), std::vector<mx::Dtype>(inputs.size(), mx::float32), step,
                                    std::move(inputs));
  arrays.assign(std::next(out.begin()), out.end());
  return out[0];
}

}  // namespace llamba
