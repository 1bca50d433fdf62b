#include "kernels/scan_gpu.h"

#include <algorithm>
#include <limits>

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kThreads = 256;
constexpr int kPiece = 64;  // tokens whose pairwise decays are formed at once: [B, C, H, 64, 64]

int whole_groups(int count) { return (count + kThreads - 1) / kThreads * kThreads; }

// One thread an element of v. Index j < K - 1 of a channel's line is the old window, later ones are the inputs.
constexpr const char* kConvolve = R"(
  const int c = gx, t = gy, b = gz, length = proj_shape[1];
  if (c >= CD) return;
  const int stride = CD + INNER + H;
  float sum = 0.0f;
  for (int k = 0; k < K; ++k) {
    const int at = t + k - (K - 1);
    const float v = at < 0 ? conv[(b * CD + c) * (K - 1) + at + K - 1] : float(proj[(b * length + at) * stride + c]);
    sum += v * float(weight[c * K + k]);
  }
  sum += float(bias[c]);
  out[(b * length + t) * CD + c] = SWISH ? sum / (1.0f + GPU_EXP(-sum)) : sum;
  if (t == 0) {
    for (int k = 0; k < K - 1; ++k) {
      const int at = int(valid[b]) + k - (K - 1);
      next[(b * CD + c) * (K - 1) + k] =
          at < 0 ? conv[(b * CD + c) * (K - 1) + at + K - 1] : float(proj[(b * length + at) * stride + c]);
    }
  }
)";

// One thread an element of the state.
constexpr const char* kCarry = R"(
  if (gx >= SIZE) return;
  const int h = gx / (SIZE / H), b = gy, pieces = added_shape[1];
  float s = state[b * SIZE + gx];
  for (int piece = 0; piece < pieces; ++piece) {
    const int at = b * pieces + piece;
    before[at * SIZE + gx] = s;
    s = s * kept[at * H + h] + added[at * SIZE + gx];
  }
  after[b * SIZE + gx] = s;
)";

constexpr const char* kGate = R"(
  const int i = gx, t = gy, b = gz;
  if (i >= INNER) return;
  const int token = b * int(proj_shape[1]) + t;
  const float z = float(proj[token * (CD + INNER + H) + CD + i]) + float(z_bias[i]);
  const float out = y[(b * int(y_shape[1]) + t) * INNER + i] + float(D[i / (INNER / H)]) * v[token * CD + i];
  gated[token * INNER + i] = T(out * z / (1.0f + GPU_EXP(-z)));
)";

mx::array slice_last(const mx::array& a, int from, int to) {
  mx::Shape start(a.ndim(), 0), stop = a.shape();
  start.back() = from;
  stop.back() = to;
  return mx::slice(a, start, stop);
}

/** [B, L, ...] with zeros up to `length` tokens. */
mx::array padded(const mx::array& a, int length) {
  if (a.shape(1) == length) return a;
  std::vector<std::pair<int, int>> widths(a.ndim(), {0, 0});
  widths[1].second = length - a.shape(1);
  return mx::pad(a, widths);
}

}  // namespace

std::pair<mx::array, mx::array> convolve_gpu(Gpu gpu, const mx::array& proj, const mx::array& conv_state,
                                             const mx::array& valid, const MixerWeights& w, const MixerShape& s,
                                             bool print) {
  static const GpuKernel kernel("convolve", {"proj", "conv", "valid", "weight", "bias"}, {"out", "next"}, kConvolve);
  int rows = proj.shape(0), length = proj.shape(1), channels = s.convolved();
  auto out = kernel.run(gpu, {proj, conv_state, valid, w.conv_weight, w.conv_bias},
                        {{{rows, length, channels}, conv_state.shape()},
                         {mx::float32, mx::float32},
                         {whole_groups(channels), length, rows},
                         {kThreads, 1, 1},
                         {{"CD", channels},
                          {"INNER", s.inner()},
                          {"H", s.heads},
                          {"K", s.taps},
                          {"SWISH", s.swish}}},
                        print);
  return {out[0], out[1]};
}

std::pair<mx::array, mx::array> carry_gpu(Gpu gpu, const mx::array& state, const mx::array& added,
                                          const mx::array& kept, bool print) {
  static const GpuKernel kernel("carry", {"state", "added", "kept"}, {"before", "after"}, kCarry);
  int rows = state.shape(0), size = int(state.size() / rows);
  auto out = kernel.run(gpu, {state, added, kept},
                        {{added.shape(), state.shape()},
                         {mx::float32, mx::float32},
                         {whole_groups(size), rows, 1},
                         {kThreads, 1, 1},
                         {{"SIZE", size}, {"H", state.shape(1)}}},
                        print);
  return {out[0], out[1]};
}

mx::array gate_gpu(Gpu gpu, const mx::array& y, const mx::array& v, const mx::array& proj, const MixerWeights& w,
                   const MixerShape& s, bool print) {
  static const GpuKernel kernel("gate", {"y", "v", "proj", "z_bias", "D"}, {"gated"}, kGate);
  int rows = proj.shape(0), length = proj.shape(1);
  return kernel.run(gpu, {y, v, proj, w.z_bias, w.D},
                    {{{rows, length, s.inner()}},
                     {proj.dtype()},
                     {whole_groups(s.inner()), length, rows},
                     {kThreads, 1, 1},
                     {{"T", proj.dtype()},
                      {"CD", s.convolved()},
                      {"INNER", s.inner()},
                      {"H", s.heads}}},
                    print)[0];
}

MixerOut mixer_chunk_gpu(const mx::array& proj, const mx::array& conv_state, const mx::array& ssm_state,
                         const mx::array& valid, const MixerWeights& w, const MixerShape& s) {
  Gpu gpu = this_gpu();
  int rows = proj.shape(0), length = proj.shape(1), inner = s.inner(), convolved = s.convolved();
  int piece = std::min(kPiece, length), pieces = (length + piece - 1) / piece, whole = piece * pieces;
  auto [v, window] = convolve_gpu(gpu, proj, conv_state, valid, w, s);

  // Padding neither decays the state nor enters it.
  mx::array counts = mx::less(mx::arange(whole), mx::expand_dims(valid, -1));  // [B, T]
  mx::array a = padded(mx::astype(slice_last(proj, convolved + inner, convolved + inner + s.heads), mx::float32), whole);
  mx::array log_decay = mx::where(mx::expand_dims(counts, -1), mx::negative(mx::logaddexp(a, mx::array(0.0f))), mx::array(0.0f));
  mx::array all = padded(v, whole);
  // [B, C, heads, q, width] of channels from `from` on.
  auto by_piece = [&](int from, int heads, int width) {
    mx::array part = mx::reshape(slice_last(all, from, from + heads * width), {rows, pieces, piece, heads, width});
    return mx::transpose(part, {0, 1, 3, 2, 4});
  };
  auto grouped = [&](int from) {
    mx::array part = by_piece(from, s.groups, s.state_size);
    return s.groups == s.heads ? part : mx::repeat(part, s.heads / s.groups, 2);
  };
  mx::array x = mx::where(mx::reshape(counts, {rows, pieces, 1, piece, 1}), by_piece(0, s.heads, s.head_width), mx::array(0.0f));
  mx::array B = grouped(inner), C = grouped(inner + s.groups * s.state_size);

  mx::array cum = mx::cumsum(mx::transpose(mx::reshape(log_decay, {rows, pieces, piece, s.heads}), {0, 1, 3, 2}), -1);
  mx::array gap = mx::subtract(mx::expand_dims(cum, -1), mx::expand_dims(cum, -2));
  // Masked before exp: for s > t the difference is positive and could overflow.
  mx::array lower = mx::tril(mx::ones({piece, piece}, mx::bool_));
  mx::array decay = mx::exp(mx::where(lower, gap, mx::array(-std::numeric_limits<float>::infinity())));
  mx::array last = slice_last(cum, piece - 1, piece);  // [B, C, H, 1]
  mx::array to_end = mx::expand_dims(mx::exp(mx::subtract(last, cum)), -1);
  mx::array added = mx::matmul(mx::swapaxes(mx::multiply(x, to_end), -1, -2), B);  // [B, C, H, P, N]
  auto [before, after] = carry_gpu(gpu, ssm_state, added, mx::squeeze(mx::exp(last), -1));

  mx::array inside = mx::matmul(mx::multiply(mx::matmul(C, mx::swapaxes(B, -1, -2)), decay), x);
  mx::array carried = mx::multiply(mx::exp(mx::expand_dims(cum, -1)), mx::matmul(C, mx::swapaxes(before, -1, -2)));
  mx::array y = mx::transpose(mx::add(inside, carried), {0, 1, 3, 2, 4});  // [B, C, q, H, P]
  return {gate_gpu(gpu, mx::reshape(y, {rows, whole, s.heads, s.head_width}), v, proj, w, s), window, after};
}

}  // namespace llamba
