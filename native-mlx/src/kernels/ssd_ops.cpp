// The mixer's middle in plain MLX operations (spec 3.2-3.6): the reference of the kernels' tests. Convolution, decay, state and sums over N are float32 whatever the activations are.
#include <algorithm>
#include <limits>

#include "engine/host_op.h"
#include "kernels/scan.h"
#include "kernels/scan_gpu.h"
#include "kernels/ssd.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kPiece = 64;  // tokens whose pairwise decays are formed at once: [B, H, 64, 64]

mx::array silu(const mx::array& v) { return mx::multiply(v, mx::sigmoid(v)); }

mx::array f32(const mx::array& a) { return mx::astype(a, mx::float32); }

/** Columns from..to of the last axis. */
mx::array columns(const mx::array& a, int from, int to) {
  mx::Shape start(a.ndim(), 0), stop = a.shape();
  start.back() = from;
  stop.back() = to;
  return mx::slice(a, start, stop);
}

/** Times from..to of an array [B, T, ...]. */
mx::array times(const mx::array& a, int from, int to) {
  mx::Shape start(a.ndim(), 0), stop = a.shape();
  start[1] = from;
  stop[1] = to;
  return mx::slice(a, start, stop);
}

struct Split {
  mx::array x;          // [B, L, H, P]
  mx::array B, C;       // [B, L, H, N], groups repeated
  mx::array log_decay;  // [B, L, H] = -softplus(a)
  mx::array gate;       // [B, L, I] = silu(z + z_bias)
  mx::array line;       // [B, K-1+L, cd]: the old window, then the inputs
};

Split front(const mx::array& proj, const mx::array& conv_state, const MixerWeights& w, const MixerShape& s) {
  int rows = proj.shape(0), length = proj.shape(1), inner = s.inner(), convolved = s.convolved();
  mx::array line = mx::concatenate({mx::swapaxes(conv_state, 1, 2), f32(columns(proj, 0, convolved))}, 1);
  mx::array taps = f32(mx::transpose(w.conv_weight));  // [K, cd]
  mx::array y = f32(w.conv_bias);
  for (int k = 0; k < s.taps; ++k) y = mx::add(y, mx::multiply(times(line, k, k + length), mx::take(taps, k, 0)));
  if (s.swish) y = silu(y);
  auto heads = [&](int from) {
    int size = s.groups * s.state_size;
    mx::array part = mx::reshape(columns(y, from, from + size), {rows, length, s.groups, s.state_size});
    return s.groups == s.heads ? part : mx::repeat(part, s.heads / s.groups, 2);
  };
  mx::array a = f32(columns(proj, convolved + inner, convolved + inner + s.heads));
  mx::array z = mx::add(f32(columns(proj, convolved, convolved + inner)), f32(w.z_bias));
  return {mx::reshape(columns(y, 0, inner), {rows, length, s.heads, s.head_width}),
          heads(inner),
          heads(inner + s.groups * s.state_size),
          mx::negative(mx::logaddexp(a, mx::array(0.0f))),
          silu(z),
          line};
}

mx::array back(const mx::array& y, const Split& in, const MixerWeights& w, mx::Dtype dtype) {
  mx::array skip = mx::multiply(in.x, mx::reshape(f32(w.D), {-1, 1}));
  mx::array sum = mx::reshape(mx::add(y, skip), in.gate.shape());
  return mx::astype(mx::multiply(sum, in.gate), dtype);
}

/** One piece [B, q, ...] of the chunked form; S [B, H, P, N] goes in and out. */
mx::array piece(const mx::array& x, const mx::array& B, const mx::array& C, const mx::array& log_decay, mx::array& S) {
  int length = x.shape(1);
  auto by_head = [](const mx::array& a) { return mx::transpose(a, {0, 2, 1, 3}); };
  mx::array xh = by_head(x), Bh = by_head(B), Ch = by_head(C);
  mx::array cum = mx::cumsum(mx::swapaxes(log_decay, 1, 2), -1);  // [B, H, q]
  mx::array gap = mx::subtract(mx::expand_dims(cum, -1), mx::expand_dims(cum, -2));
  // Masked before exp: for s > t the difference is positive and could overflow.
  mx::array lower = mx::tril(mx::ones({length, length}, mx::bool_));
  mx::array decay = mx::exp(mx::where(lower, gap, mx::array(-std::numeric_limits<float>::infinity())));
  mx::array inside = mx::matmul(mx::multiply(mx::matmul(Ch, mx::swapaxes(Bh, -1, -2)), decay), xh);
  mx::array carried = mx::multiply(mx::exp(mx::expand_dims(cum, -1)), mx::matmul(Ch, mx::swapaxes(S, -1, -2)));
  mx::array last = columns(cum, length - 1, length);  // [B, H, 1]
  mx::array to_end = mx::expand_dims(mx::exp(mx::subtract(last, cum)), -1);
  S = mx::add(mx::multiply(mx::expand_dims(mx::exp(last), -1), S),
              mx::matmul(mx::swapaxes(mx::multiply(xh, to_end), -1, -2), Bh));
  return mx::transpose(mx::add(inside, carried), {0, 2, 1, 3});
}

}  // namespace

MixerOut mixer_step_ops(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                        const MixerWeights& w, const MixerShape& s) {
  Split in = front(proj, conv_state, w, s);
  auto now = [](const mx::array& a) { return mx::squeeze(a, 1); };
  mx::array decay = mx::expand_dims(mx::exp(now(in.log_decay)), {-1, -2});
  mx::array outer = mx::multiply(mx::expand_dims(now(in.x), -1), mx::expand_dims(now(in.B), -2));
  mx::array S = mx::add(mx::multiply(ssm_state, decay), outer);
  mx::array y = mx::sum(mx::multiply(S, mx::expand_dims(now(in.C), -2)), -1);
  return {back(mx::expand_dims(y, 1), in, w, proj.dtype()),
          mx::contiguous(mx::swapaxes(times(in.line, 1, s.taps), 1, 2)), S};
}

MixerOut mixer_chunk_ops(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                         const mx::array& valid, const MixerWeights& w, const MixerShape& s) {
  int length = proj.shape(1);
  Split in = front(proj, conv_state, w, s);
  // Padding neither decays the state nor enters it.
  mx::array counts = mx::less(mx::arange(length), mx::expand_dims(valid, -1));  // [B, L]
  mx::array log_decay = mx::where(mx::expand_dims(counts, -1), in.log_decay, mx::array(0.0f));
  mx::array x = mx::where(mx::expand_dims(counts, {-1, -2}), in.x, mx::array(0.0f));
  mx::array S = ssm_state;
  std::vector<mx::array> ys;
  for (int from = 0; from < length; from += kPiece) {
    int to = std::min(from + kPiece, length);
    ys.push_back(
        piece(times(x, from, to), times(in.B, from, to), times(in.C, from, to), times(log_decay, from, to), S));
  }
  mx::array y = ys.size() == 1 ? ys[0] : mx::concatenate(std::move(ys), 1);
  mx::array at = mx::add(mx::expand_dims(valid, -1), mx::arange(s.taps - 1));  // [B, K-1], into line
  mx::array window = mx::take_along_axis(in.line, mx::expand_dims(at, -1), 1);
  return {back(y, in, w, proj.dtype()), mx::contiguous(mx::swapaxes(window, 1, 2)), S};
}

MixerOut mixer_chunk(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                     const mx::array& valid, const MixerWeights& w, const MixerShape& s) {
  return on_cpu() ? mixer_scan(proj, conv_state, ssm_state, valid, w, s)
                  : mixer_chunk_gpu(proj, conv_state, ssm_state, valid, w, s);
}

}  // namespace llamba
