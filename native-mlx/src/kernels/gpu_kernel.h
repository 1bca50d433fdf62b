#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "mlx/mlx.h"

namespace llamba {

enum class Gpu { kMetal, kCuda };

/** What libmlx has. */
Gpu this_gpu();
/** Whether new operations of this thread run on CUDA. */
bool on_cuda();

/** One kernel text for Metal and CUDA. The body names its thread by gx, gy, gz (in the grid) and tx, ty (in the thread
    group); what differs between the two it writes as GPU_..., defined in gpu_kernel.cpp. ASCII only, no includes. */
class GpuKernel {
 public:
  using Constants = std::vector<std::pair<std::string, mlx::core::fast::TemplateArg>>;
  struct Launch {
    std::vector<mlx::core::Shape> shapes;   // of the outputs
    std::vector<mlx::core::Dtype> dtypes;
    std::tuple<int, int, int> grid, group;  // threads
    Constants constants;
  };

  GpuKernel(std::string name, std::vector<std::string> inputs, std::vector<std::string> outputs,
            std::string body, std::string header = "");
  /** For one of the two. print: Metal's source goes to std::cout when traced for export, which needs no Metal. */
  std::vector<mlx::core::array> run(Gpu gpu, const std::vector<mlx::core::array>& inputs, Launch launch,
                                    bool print = false) const;

 private:
  /** MLX passes the shapes that it finds named in what it is given: a comment that names them. */
  std::string shapes_used() const;

  std::string name_, body_, header_;
  std::vector<std::string> inputs_, outputs_;
  mutable std::optional<mlx::core::fast::CustomKernelFunction> functions_[2];
};

/** A float of 0 or more as a constant of a kernel, which must be whole and no less than 0: its bits, for GPU_FLOAT. */
int float_bits(float value);

}  // namespace llamba
