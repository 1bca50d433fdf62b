#include "kernels/gpu_kernel.h"

#include <algorithm>
#include <bit>
#include <sstream>

#include "mlx/backend/cuda/cuda.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

constexpr const char* kMetal = R"(
#define GPU_FN inline
#define GPU_SHARED threadgroup
#define GPU_BARRIER metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup)
#define GPU_EXP(v) metal::precise::exp(v)
#define GPU_RSQRT(v) metal::precise::rsqrt(v)
#define GPU_SUM(v) metal::simd_sum(v)
#define GPU_FLOAT(bits) as_type<float>(bits)
)";

constexpr const char* kMetalIndex = R"(
  const int gx = int(thread_position_in_grid.x), gy = int(thread_position_in_grid.y), gz = int(thread_position_in_grid.z);
  const int tx = int(thread_position_in_threadgroup.x), ty = int(thread_position_in_threadgroup.y);
  (void)gx; (void)gy; (void)gz; (void)tx; (void)ty;
)";

constexpr const char* kCuda = R"(
#define GPU_FN __device__ __forceinline__
#define GPU_SHARED __shared__
#define GPU_BARRIER __syncthreads()
#define GPU_EXP(v) expf(v)
#define GPU_RSQRT(v) rsqrtf(v)
#define GPU_SUM(v) gpu_sum(v)
#define GPU_FLOAT(bits) __int_as_float(bits)
// Of a warp, in every lane.
__device__ __forceinline__ float gpu_sum(float v) {
  for (int offset = 16; offset > 0; offset >>= 1) v += __shfl_xor_sync(0xffffffffu, v, offset);
  return v;
}
)";

constexpr const char* kCudaIndex = R"(
  const int tx = threadIdx.x, ty = threadIdx.y;
  const int gx = blockIdx.x * blockDim.x + tx, gy = blockIdx.y * blockDim.y + ty, gz = blockIdx.z * blockDim.z + threadIdx.z;
  (void)gx; (void)gy; (void)gz; (void)tx; (void)ty;
)";

/** Without comments and indentation: MLX hashes a kernel's whole text at each launch, a sixth of the host's work. */
std::string dense(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.size(), line.find("//")));
    size_t from = line.find_first_not_of(' ');
    if (from != std::string::npos) out += line.substr(from) + '\n';
  }
  return out;
}

}  // namespace

Gpu this_gpu() { return mx::cu::is_available() ? Gpu::kCuda : Gpu::kMetal; }

bool on_cuda() { return mx::default_device() == mx::Device::gpu && mx::cu::is_available(); }

GpuKernel::GpuKernel(std::string name, std::vector<std::string> inputs, std::vector<std::string> outputs,
                     const std::string& body, const std::string& header)
    : name_("llamba_" + name),
      body_(dense(body)),
      header_(dense(header)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)) {}

std::vector<mx::array> GpuKernel::run(Gpu gpu, const std::vector<mx::array>& inputs, Launch launch, bool print) const {
  auto& function = functions_[int(gpu)];
  if (!function)
    function = gpu == Gpu::kMetal
                   ? mx::fast::metal_kernel(name_, inputs_, outputs_, dense(kMetalIndex) + body_, dense(kMetal) + header_)
                   : mx::fast::cuda_kernel(name_, inputs_, outputs_, dense(kCudaIndex) + body_, dense(kCuda) + header_);
  return (*function)(inputs, launch.shapes, launch.dtypes, launch.grid, launch.group, launch.constants, std::nullopt,
                     print, mx::Device(mx::Device::gpu));
}

int float_bits(float value) { return std::bit_cast<int>(value); }

}  // namespace llamba
