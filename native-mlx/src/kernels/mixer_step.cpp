#include "cpu/arrays.h"
#include "cpu/kernels.h"
#include "cpu/pool.h"
#include "kernels/mixer_gpu.h"
#include "kernels/ssd.h"
#include "mlx/primitives.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

// State elements below which waking the other threads costs more than they give.
constexpr int64_t kWorthThreads = 1 << 15;

class MixerStep : public mx::Primitive {
 public:
  MixerStep(mx::Stream stream, MixerShape shape) : Primitive(stream), shape_(shape) {}
  const char* name() const override { return "LlambaMixerStep"; }
  void eval_gpu(const std::vector<mx::array>&, std::vector<mx::array>&) override {
    throw std::runtime_error("[LlambaMixerStep] runs on the CPU only");
  }
  void eval_cpu(const std::vector<mx::array>& inputs, std::vector<mx::array>& out) override {
    // A state that nobody else holds is updated in place: a third of this step's memory traffic less. (The windows are
    // not: heads of one group read the same one.) Asked first, since every copy of an array is a holder.
    const bool in_place = inputs[2].is_donatable() && inputs[2].flags().row_contiguous;
    auto in = cpu::dense(inputs, stream());
    out[0].set_data(mx::allocator::malloc(out[0].nbytes()));
    out[1].set_data(mx::allocator::malloc(out[1].nbytes()));
    if (in_place) {
      out[2].copy_shared_buffer(inputs[2]);
    } else {
      out[2].set_data(mx::allocator::malloc(out[2].nbytes()));
    }
    const auto& s = shape_;
    const cpu::MixerJob job = {s.heads, s.groups, s.head_width, s.state_size, s.taps, s.swish,
                               in[0].data<float>(), in[1].data<float>(), in[2].data<float>(), in[3].data<float>(),
                               in[4].data<float>(), in[5].data<float>(), in[6].data<float>(), out[0].data<float>(),
                               out[1].data<float>(), out[2].data<float>()};
    mx::cpu::get_command_encoder(stream()).dispatch([job, batch = in[0].shape(0), elements = in[2].size()] {
      const auto step = cpu::kernels().mixer_step;
      const auto head = [&](int i) { step(job, i / job.H, i % job.H); };
      if (static_cast<int64_t>(elements) < kWorthThreads) {
        for (int i = 0; i < batch * job.H; i++) head(i);
      } else {
        cpu::parallel(batch * job.H, head);
      }
    });
  }

 private:
  MixerShape shape_;
};

MixerOut mixer_step_cpu(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                        const MixerWeights& w, const MixerShape& s) {
  const auto f32 = [](const mx::array& a) { return mx::astype(a, mx::float32); };
  auto out = mx::array::make_arrays(
      {{proj.shape(0), 1, s.inner()}, conv_state.shape(), ssm_state.shape()}, {mx::float32, mx::float32, mx::float32},
      std::make_shared<MixerStep>(mx::default_stream(mx::Device::cpu), s),
      {f32(proj), f32(conv_state), f32(ssm_state), f32(w.conv_weight), f32(w.conv_bias), f32(w.z_bias), f32(w.D)});
  return {out[0], out[1], out[2]};
}

}  // namespace

MixerOut mixer_step(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                    const MixerWeights& w, const MixerShape& s) {
  if (mx::default_device() == mx::Device::cpu) return mixer_step_cpu(proj, conv_state, ssm_state, w, s);
  return mixer_step_gpu(this_gpu(), proj, conv_state, ssm_state, w, s);
}

}  // namespace llamba
