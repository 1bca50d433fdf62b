#include "kernels/gpu_kernel.h"

#include <bit>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

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

/** A line that includes the text from memory. MLX hashes all that it is given of a kernel at each launch: with the whole
    text, that is a sixth of the host's work. */
std::string included(const std::string& text) {
#ifdef __linux__
  int file = memfd_create("llamba-kernel", MFD_CLOEXEC);  // open as long as the process: a kernel is compiled when used
  if (file >= 0 && write(file, text.data(), text.size()) == ssize_t(text.size()))
    return "\n#include \"/proc/self/fd/" + std::to_string(file) + "\"\n";
#endif
  return text;
}

}  // namespace

Gpu this_gpu() { return mx::cu::is_available() ? Gpu::kCuda : Gpu::kMetal; }

bool on_cuda() { return mx::default_device() == mx::Device::gpu && mx::cu::is_available(); }

GpuKernel::GpuKernel(std::string name, std::vector<std::string> inputs, std::vector<std::string> outputs,
                     std::string body, std::string header)
    : name_("llamba_" + name),
      body_(std::move(body)),
      header_(std::move(header)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)) {}

std::vector<mx::array> GpuKernel::run(Gpu gpu, const std::vector<mx::array>& inputs, Launch launch, bool print) const {
  auto& function = functions_[int(gpu)];
  if (!function)
    function = gpu == Gpu::kMetal
                   ? mx::fast::metal_kernel(name_, inputs_, outputs_, kMetalIndex + body_, kMetal + header_)
                   : mx::fast::cuda_kernel(name_, inputs_, outputs_, included(kCudaIndex + body_) + shapes_used(),
                                           included(kCuda + header_));
  return (*function)(inputs, launch.shapes, launch.dtypes, launch.grid, launch.group, launch.constants, std::nullopt,
                     print, mx::Device(mx::Device::gpu));
}

std::string GpuKernel::shapes_used() const {
  std::string comment = "//";
  for (const std::string& input : inputs_)
    if (body_.find(input + "_shape") != std::string::npos) comment += " " + input + "_shape";
  return comment + "\n";
}

int float_bits(float value) { return std::bit_cast<int>(value); }

}  // namespace llamba
