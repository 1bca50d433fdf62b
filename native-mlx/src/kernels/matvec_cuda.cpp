#include "kernels/matvec_cuda.h"

#include "kernels/gpu_kernel.h"
#include "kernels/matvec_cuda_text.h"
#include "kernels/matvec_row.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kMostRows = 8;  // of x: in one mma
constexpr int kWarps = 8;     // of a block: they share its 16 rows of W and split K
constexpr int kRows = 16;     // of W: in one mma
constexpr int kLongRow = 4;   // turns of a warp along K from which it fetches ahead: it costs a third of the warps at once

constexpr const char* kBody = R"(
  using Type = MatvecType<T>;
  constexpr int kWords = GROUP * BITS / 128;  // of one lane, of one group and row: its four lanes have a group together
  constexpr int kPart = 32 / BITS;            // elements of a word
  constexpr int kOwn = SWIGLU ? 8 : 16;       // elements of a row of y
  constexpr float kShare = BITS == 4 ? 1.0f : 1.0f / 17.0f;  // of sum x in Z
  const int warp = ty, g = tx >> 2, t = tx & 3;
  const int rows = w_shape[0], groups = scales_shape[1], K = groups * GROUP;
  const int width = SWIGLU ? rows / 2 : rows, first = blockIdx.y * kOwn;
  const int low = min(first + g, rows - 1), high = min(SWIGLU ? width + first + g : first + g + 8, rows - 1);
  const unsigned* w_low = w + size_t(low) * (K / kPart) + t * kWords;
  const unsigned* w_high = w + size_t(high) * (K / kPart) + t * kWords;
  const bool live = g < x_shape[0];
  const T* x_row = x + size_t(live ? g : 0) * K + t * kWords * kPart;

  struct Fetched {
    MatvecRun<unsigned, kWords> low[UNROLL], high[UNROLL];
    MatvecRun<S, UNROLL> scale_low, scale_high, offset_low, offset_high;
  };
  auto fetch = [&](int u, Fetched& f) {
#pragma unroll
    for (int i = 0; i < UNROLL; ++i) {
      f.low[i].load(w_low + size_t(u * UNROLL + i) * (GROUP / kPart));
      f.high[i].load(w_high + size_t(u * UNROLL + i) * (GROUP / kPart));
    }
    f.scale_low.load(scales + size_t(low) * groups + u * UNROLL);
    f.scale_high.load(scales + size_t(high) * groups + u * UNROLL);
    f.offset_low.load(offsets + size_t(low) * groups + u * UNROLL);
    f.offset_high.load(offsets + size_t(high) * groups + u * UNROLL);
  };

  float sum[4] = {}, squares = 0.0f;
  Fetched now, next;
  const int count = groups / UNROLL;
  if (AHEAD && warp < count) fetch(warp, now);
  for (int u = warp; u < count; u += WARPS) {
    if (!AHEAD) fetch(u, now);
    if (AHEAD && u + WARPS < count) fetch(u + WARPS, next);  // on its way while this one is multiplied
#pragma unroll
    for (int i = 0; i < UNROLL; ++i) {
      float d[4] = {}, z[4] = {};
#pragma unroll
      for (int j = 0; j < kWords; ++j) {
        const int k = (u * UNROLL + i) * GROUP + j * kPart;
        unsigned b[4] = {0u, 0u, 0u, 0u};
        if (live) {
          if constexpr (BITS == 4) {
            uint4 v = *reinterpret_cast<const uint4*>(x_row + k);
            MATVEC_NORM4(v, k)
            b[0] = __byte_perm(v.x, v.z, 0x5410);
            b[1] = __byte_perm(v.x, v.z, 0x7632);
            b[2] = __byte_perm(v.y, v.w, 0x5410);
            b[3] = __byte_perm(v.y, v.w, 0x7632);
          } else {
            uint2 v = *reinterpret_cast<const uint2*>(x_row + k);
            MATVEC_NORM8(v, k)
            b[0] = __byte_perm(v.x, v.y, 0x5410);
            b[1] = Type::sixteen(b[0]);
            b[2] = __byte_perm(v.x, v.y, 0x7632);
            b[3] = Type::sixteen(b[2]);
          }
        }
        const unsigned l = now.low[i].v[j], h = now.high[i].v[j];
        Type::mma(d, Type::template pair<0>(l), Type::template pair<0>(h), Type::template pair<1>(l),
                  Type::template pair<1>(h), b[0], b[1]);
        Type::mma(d, Type::template pair<2>(l), Type::template pair<2>(h), Type::template pair<3>(l),
                  Type::template pair<3>(h), b[2], b[3]);
        Type::mma(z, Type::kOnes, Type::kOnes, Type::kOnes, Type::kOnes, b[0], b[1]);
        Type::mma(z, Type::kOnes, Type::kOnes, Type::kOnes, Type::kOnes, b[2], b[3]);
      }
      const float s0 = float(now.scale_low.v[i]), s1 = float(now.scale_high.v[i]);
      const float o0 = float(now.offset_low.v[i]) * kShare - Type::kOffset * s0;
      const float o1 = float(now.offset_high.v[i]) * kShare - Type::kOffset * s1;
      sum[0] += s0 * d[0] + o0 * z[0];
      sum[1] += s0 * d[1] + o0 * z[1];
      sum[2] += s1 * d[2] + o1 * z[0];
      sum[3] += s1 * d[3] + o1 * z[1];
    }
    if (AHEAD) now = next;
  }

  __shared__ float parts[WARPS][16][8];
  __shared__ float norms[WARPS][8];
  parts[warp][g][2 * t] = sum[0];
  parts[warp][g][2 * t + 1] = sum[1];
  parts[warp][g + 8][2 * t] = sum[2];
  parts[warp][g + 8][2 * t + 1] = sum[3];
  squares += __shfl_xor_sync(0xffffffffu, squares, 1);
  squares += __shfl_xor_sync(0xffffffffu, squares, 2);
  if (t == 0) norms[warp][g] = squares;
  __syncthreads();
  const int item = warp * 32 + tx, r = item % kOwn, c = item / kOwn;
  if (c >= x_shape[0] || first + r >= width) return;
  const float scale = MATVEC_SCALE;
  auto total = [&](int row) {
    float out = 0.0f;
#pragma unroll
    for (int i = 0; i < WARPS; ++i) out += parts[i][row][c];
    return out * scale;
  };
  const size_t to = size_t(c) * width + first + r;
  float out = total(r);
  if constexpr (SWIGLU) out = out / (1.0f + __expf(-out)) * total(r + 8);
  y[to] = O(out MATVEC_RESIDUAL);
)";

// Only kernels that have these inputs may name them.
constexpr const char* kNormed = R"(
#define MATVEC_NORM4(v, k) { \
  squares += Type::squares(v.x) + Type::squares(v.y) + Type::squares(v.z) + Type::squares(v.w); \
  const uint4 n = *reinterpret_cast<const uint4*>(norm + t * kWords * kPart + k); \
  v.x = Type::times(v.x, n.x); v.y = Type::times(v.y, n.y); v.z = Type::times(v.z, n.z); v.w = Type::times(v.w, n.w); }
#define MATVEC_NORM8(v, k) { \
  squares += Type::squares(v.x) + Type::squares(v.y); \
  const uint2 n = *reinterpret_cast<const uint2*>(norm + t * kWords * kPart + k); \
  v.x = Type::times(v.x, n.x); v.y = Type::times(v.y, n.y); }
#define MATVEC_SCALE matvec_scale<WARPS>(norms, c, K, GPU_FLOAT(EPS))
)";
constexpr const char* kPlain = R"(
#define MATVEC_NORM4(v, k)
#define MATVEC_NORM8(v, k)
#define MATVEC_SCALE 1.0f
)";
constexpr const char* kAdded = "#define MATVEC_RESIDUAL + float(residual[to])\n";
constexpr const char* kAlone = "#define MATVEC_RESIDUAL\n";

const GpuKernel& kernel_for(const Folded& f) {
  auto make = [](bool norm, bool residual) {
    std::vector<std::string> inputs{"w", "scales", "offsets", "x"};
    if (norm) inputs.push_back("norm");
    if (residual) inputs.push_back("residual");
    std::string name = std::string("matvec") + (norm ? "_norm" : "") + (residual ? "_residual" : "");
    return GpuKernel(name, inputs, {"y"}, kBody,
                     std::string(norm ? kNormed : kPlain) +
                         (residual ? kAdded : kAlone) + matvec_cuda_text);
  };
  static const GpuKernel plain = make(false, false), normed = make(true, false), added = make(false, true),
                         both = make(true, true);
  return f.norm ? f.residual ? both : normed : f.residual ? added : plain;
}

}  // namespace

bool fits_matvec(const Linear& l, mx::Dtype activations, int rows) {
  if (!on_cuda() || !l.scales || l.bias || rows > kMostRows) return false;
  bool bf16 = activations == mx::bfloat16, f16 = activations == mx::float16;
  // 16 x of an 8-bit product might not be a float16.
  return (bf16 || f16) && (l.bits == 4 || (l.bits == 8 && bf16)) && l.group_size >= 32 && l.weight.shape(0) % 2 == 0;
}

mx::array matvec_cuda(const Linear& l, const mx::array& x, const Folded& f) {
  int width = x.shape(-1), rows = int(x.size() / width), count = l.weight.shape(0), groups = l.scales->shape(1);
  if (rows == 1 && fits_matvec_row(l)) return matvec_row(l, x, f);
  int unroll = groups % 4 == 0 ? 4 : groups % 2 == 0 ? 2 : 1;
  std::vector<mx::array> inputs{l.weight, *l.scales, *l.offsets, mx::reshape(x, {rows, width})};
  if (f.norm) inputs.push_back(*f.norm);
  if (f.residual) inputs.push_back(*f.residual);
  mx::Shape shape = x.shape();
  shape.back() = f.swiglu ? count / 2 : count;
  int own = f.swiglu ? kRows / 2 : kRows;
  mx::Dtype dtype = f.dtype.value_or(x.dtype());
  return kernel_for(f).run(Gpu::kCuda, inputs,
                           {{shape},
                            {dtype},
                            {32, kWarps * ((shape.back() + own - 1) / own), 1},
                            {32, kWarps, 1},
                            {{"T", x.dtype()},
                             {"S", l.scales->dtype()},
                             {"O", dtype},
                             {"GROUP", l.group_size},
                             {"BITS", l.bits},
                             {"UNROLL", unroll},
                             {"WARPS", kWarps},
                             {"AHEAD", groups >= kLongRow * unroll * kWarps},
                             {"SWIGLU", f.swiglu},
                             {"EPS", float_bits(f.eps)}}})[0];
}

}  // namespace llamba
