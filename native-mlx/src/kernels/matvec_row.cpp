#include "kernels/matvec_row.h"

#include <algorithm>
#include <optional>

#include "kernels/gpu_kernel.h"
#include "kernels/matvec_row_text.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr int kWarps = 8;        // of a block: they share its 16 rows of W at a time and split K
constexpr int kRows = 16;        // of W: in one mma
constexpr int kBlocks = 396;     // at once: three on each of the 132 multiprocessors of an H100 or H200
constexpr int kMostShared = 44;  // KiB for x
constexpr int kLine = 128;       // bytes, of the L2 cache
constexpr size_t kNext = 8 << 20;  // bytes of the next matrix that are asked for

constexpr const char* kBody = R"(
  constexpr int kWords = GROUP * BITS / 32;  // of a group of a row of W, which one lane has
  constexpr int kOwn = SWIGLU ? 8 : 16;      // elements of y of 16 rows of W
  constexpr int kPitch = K + 16;             // from digit to digit: on other banks
  constexpr int kTurns = (K / GROUP + 3) / 4;
  constexpr int kOwnX = (K / 8 + WARPS * 32 - 1) / (WARPS * 32);  // eights of x of one thread
  __shared__ __align__(16) signed char digits[2][kPitch];
  __shared__ float2 of_group[K / GROUP];  // x's unit, and the sum of its x
  __shared__ float parts[2][WARPS][16];
  __shared__ float norms[WARPS];
  const int warp = ty, g = tx >> 2, t = tx & 3, groups = K / GROUP;
  const int rows = w_shape[0], width = SWIGLU ? rows / 2 : rows, first = blockIdx.y * kOwn * TILES;

  struct Fetched {
    RowRun<kWords> low, high;
    float scale_low, scale_high, offset_low, offset_high;
  };
  int ahead_tile = 0, ahead_turn = warp;
  auto fetch = [&](Fetched& f) {
    const int group = 4 * ahead_turn + t, at = first + ahead_tile * kOwn + g;
    if (group < groups && ahead_tile < TILES && at - g < width) {
      const size_t low = min(at, rows - 1), high = min(SWIGLU ? width + at : at + 8, rows - 1);
      f.low.load(w + (low * groups + group) * kWords);
      f.high.load(w + (high * groups + group) * kWords);
      f.scale_low = float(scales[low * groups + group]);
      f.scale_high = float(scales[high * groups + group]);
      f.offset_low = float(offsets[low * groups + group]);
      f.offset_high = float(offsets[high * groups + group]);
    }
    ahead_turn += WARPS;
    if (ahead_turn >= kTurns) ahead_turn = warp, ++ahead_tile;
  };
  uint4 of_x[kOwnX];
#pragma unroll
  for (int i = 0; i < kOwnX; ++i) of_x[i] = reinterpret_cast<const uint4*>(x)[min((i * WARPS + warp) * 32 + tx, K / 8 - 1)];
  Fetched now, later;
  if (warp < kTurns) fetch(now);  // on its way while x is rounded

  float squares = 0.0f;
#pragma unroll
  for (int turn = 0; turn < kOwnX; ++turn) {
    const int at = (turn * WARPS + warp) * 32 + tx, i = min(at, K / 8 - 1);
    const uint4 gains = reinterpret_cast<const uint4*>(ROW_GAIN)[i];
    const T *eight = reinterpret_cast<const T*>(&of_x[turn]), *gain = reinterpret_cast<const T*>(&gains);
    float v[8], most = 0.0f;
#pragma unroll
    for (int j = 0; j < 8; ++j) {
      v[j] = float(eight[j]);
      if (NORM) {
        if (at < K / 8) squares += v[j] * v[j];
        v[j] *= float(gain[j]);
      }
      most = row_max(most, fabsf(v[j]));
    }
#pragma unroll
    for (int offset = GROUP / 16; offset > 0; offset >>= 1) most = row_max(most, __shfl_xor_sync(0xffffffffu, most, offset));
    most = row_max(most, 1e-30f);
    const float unit = most / 32512.0f, inverse = __fdividef(32512.0f, most);  // 127 * 256
    int n[8], sum = 0;
#pragma unroll
    for (int j = 0; j < 8; ++j) {
      n[j] = __float_as_int(v[j] * inverse + __int_as_float(kRowMagic));
      sum += n[j] - kRowMagic;
    }
#pragma unroll
    for (int offset = GROUP / 16; offset > 0; offset >>= 1) sum += __shfl_xor_sync(0xffffffffu, sum, offset);
    const uint2 low = row_bytes<BITS == 4>(n, 0);
#pragma unroll
    for (int j = 0; j < 8; ++j) n[j] += 128;  // the low digit is signed
    if (at < K / 8) {
      *reinterpret_cast<uint2*>(&digits[1][8 * i]) = low;
      *reinterpret_cast<uint2*>(&digits[0][8 * i]) = row_bytes<BITS == 4>(n, 1);
      if (8 * i % GROUP == 0) of_group[8 * i / GROUP] = make_float2(unit, unit * float(sum));
    }
  }
#pragma unroll
  for (int offset = 16; NORM && offset > 0; offset >>= 1) squares += __shfl_xor_sync(0xffffffffu, squares, offset);
  if (tx == 0) norms[warp] = squares;
  __syncthreads();
  float factor = 0.0f;  // of RMSNorm
#pragma unroll
  for (int i = 0; i < WARPS; ++i) factor += norms[i];
  factor = NORM ? rsqrtf(factor / float(K) + GPU_FLOAT(EPS)) : 1.0f;

  const signed char* own = &digits[g & 1][0];
  for (int tile = 0; tile < TILES; ++tile) {
    const int from = first + tile * kOwn;
    if (from >= width) break;
    float sum_low = 0.0f, sum_high = 0.0f;
    for (int u = warp; u < kTurns; u += WARPS) {
      fetch(later);
      const int group = 4 * u + t;
      int c[4] = {kRowMagic, kRowMagic, kRowMagic, kRowMagic};
      const bool mine = g >> 1 == t && group < groups;
#pragma unroll
      for (int j = 0; j < GROUP / 16; ++j) {
        uint4 b = make_uint4(0u, 0u, 0u, 0u);
        if (mine) b = *reinterpret_cast<const uint4*>(own + group * GROUP + 16 * j);
#pragma unroll
        for (int k = 2 * j; k < 2 * j + 2; ++k) {
          const unsigned b0 = k % 2 ? b.z : b.x, b1 = k % 2 ? b.w : b.y;
          if constexpr (BITS == 4) {
            const unsigned l = now.low.v[k], h = now.high.v[k];
            row_mma(c, l & 0x0f0f0f0fu, h & 0x0f0f0f0fu, (l >> 4) & 0x0f0f0f0fu, (h >> 4) & 0x0f0f0f0fu, b0, b1);
          } else {
            row_mma(c, now.low.v[2 * k], now.high.v[2 * k], now.low.v[2 * k + 1], now.high.v[2 * k + 1], b0, b1);
          }
        }
      }
      if (group < groups) {
        const float2 about_x = of_group[group];
        const float low = row_float(c[0]) * 256.0f + row_float(c[1]), high = row_float(c[2]) * 256.0f + row_float(c[3]);
        sum_low += now.scale_low * (about_x.x * low) + now.offset_low * about_x.y;
        sum_high += now.scale_high * (about_x.x * high) + now.offset_high * about_x.y;
      }
      now = later;
    }
    sum_low += __shfl_xor_sync(0xffffffffu, sum_low, 1);
    sum_low += __shfl_xor_sync(0xffffffffu, sum_low, 2);
    sum_high += __shfl_xor_sync(0xffffffffu, sum_high, 1);
    sum_high += __shfl_xor_sync(0xffffffffu, sum_high, 2);
    if (t == 0) parts[tile & 1][warp][g] = sum_low, parts[tile & 1][warp][g + 8] = sum_high;
    __syncthreads();
    if (warp != tile % WARPS || tx >= kOwn || from + tx >= width) continue;
    auto total = [&](int row) {
      float out = 0.0f;
#pragma unroll
      for (int i = 0; i < WARPS; ++i) out += parts[tile & 1][i][row];
      return out * factor;
    };
    float out = total(tx);
    if (SWIGLU) out = out / (1.0f + __expf(-out)) * total(tx + 8);
    y[from + tx] = O(out ROW_RESIDUAL);
  }
  ROW_NEXT
)";

// So that the memory is at work while one kernel ends and the next begins.
constexpr const char* kAsk = R"(
#define ROW_NEXT \
  for (int i = (blockIdx.y * WARPS + warp) * 32 + tx; i < LINES; i += gridDim.y * WARPS * 32) \
    asm volatile("prefetch.global.L2 [%0];" ::"l"(next + size_t(32) * i));
)";

const GpuKernel& kernel_for(const Folded& f) {
  static std::optional<GpuKernel> kernels[2][2][2];
  auto& kernel = kernels[f.norm != nullptr][f.residual != nullptr][f.next != nullptr];
  if (kernel) return *kernel;
  std::string name = "matvec_row", header = matvec_row_text;
  std::vector<std::string> inputs{"w", "scales", "offsets", "x"};
  auto add = [&](const mx::array* given, const std::string& input, const std::string& with, const std::string& without) {
    header += given ? with : without;  // only a kernel that has an input may name it
    if (!given) return;
    inputs.push_back(input);
    name += "_" + input;
  };
  add(f.norm, "norm", "#define ROW_GAIN norm\n", "#define ROW_GAIN x\n");
  add(f.residual, "residual", "#define ROW_RESIDUAL + float(residual[from + tx])\n", "#define ROW_RESIDUAL\n");
  add(f.next, "next", kAsk, "#define ROW_NEXT\n");
  return kernel.emplace(name, inputs, std::vector<std::string>{"y"}, kBody, header);
}

}  // namespace

bool fits_matvec_row(const Linear& l) {
  int K = l.scales->shape(1) * l.group_size;
  return l.group_size * l.bits <= 512 && K % 16 == 0 && 2 * K + 8 * (K / l.group_size) <= kMostShared * 1024;
}

mx::array matvec_row(const Linear& l, const mx::array& x, const Folded& f) {
  int width = x.shape(-1), count = l.weight.shape(0), own = f.swiglu ? kRows / 2 : kRows;
  std::vector<mx::array> inputs{l.weight, *l.scales, *l.offsets, x};
  if (f.norm) inputs.push_back(*f.norm);
  if (f.residual) inputs.push_back(*f.residual);
  if (f.next) inputs.push_back(*f.next);
  mx::Shape shape = x.shape();
  shape.back() = f.swiglu ? count / 2 : count;
  int tiles = (shape.back() + own - 1) / own, each = (tiles + kBlocks - 1) / kBlocks;
  mx::Dtype dtype = f.dtype.value_or(x.dtype());
  return kernel_for(f).run(Gpu::kCuda, inputs,
                           {{shape},
                            {dtype},
                            {32, kWarps * ((tiles + each - 1) / each), 1},
                            {32, kWarps, 1},
                            {{"T", x.dtype()},
                             {"O", dtype},
                             {"K", width},
                             {"GROUP", l.group_size},
                             {"BITS", l.bits},
                             {"WARPS", kWarps},
                             {"TILES", each},
                             {"LINES", f.next ? int(std::min(f.next->nbytes(), kNext) / kLine) : 0},
                             {"NORM", f.norm != nullptr},
                             {"SWIGLU", f.swiglu},
                             {"EPS", float_bits(f.eps)}}})[0];
}

}  // namespace llamba
