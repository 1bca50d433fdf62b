// macOS's half of platform.h. Asks MLX only for its version and its memory counters, so any thread may call; what
// concerns the GPU comes from Metal itself.
#import <Foundation/Foundation.h>
#import <Metal/Metal.h>

#include <dispatch/dispatch.h>
#include <mach/mach.h>
#include <sys/sysctl.h>

#include <memory>
#include <mutex>
#include <string>

#include "cpu/quantized_matmul.h"
#include "mlx/mlx.h"
#include "platform/platform.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

std::string processor_name() {
  char name[256] = {};
  size_t size = sizeof(name) - 1;
  return sysctlbyname("machdep.cpu.brand_string", name, &size, nullptr, 0) == 0 ? name : "Apple silicon";
}

int64_t footprint() {
  task_vm_info_data_t info = {};
  mach_msg_type_number_t count = TASK_VM_INFO_COUNT;
  if (task_info(mach_task_self(), TASK_VM_INFO, reinterpret_cast<task_info_t>(&info), &count) != KERN_SUCCESS) return 0;
  return static_cast<int64_t>(info.phys_footprint);
}

const char* thermal() {
  switch (NSProcessInfo.processInfo.thermalState) {
    case NSProcessInfoThermalStateNominal: return "nominal";
    case NSProcessInfoThermalStateFair: return "fair";
    case NSProcessInfoThermalStateSerious: return "serious";
    case NSProcessInfoThermalStateCritical: return "critical";
  }
  return "unknown";
}

}  // namespace

Device device() {
  @autoreleasepool {
    const int64_t bytes = static_cast<int64_t>(NSProcessInfo.processInfo.physicalMemory);
    // Nil where nobody is logged in and in some virtual machines.
    id<MTLDevice> gpu = MTLCreateSystemDefaultDevice();
    if (!gpu) return {processor_name(), "cpu", cpu_kernel_name(), mx::version(), bytes, bytes};
    return {gpu.name.UTF8String, "metal", gpu.architecture.name.UTF8String, mx::version(), bytes,
            static_cast<int64_t>(gpu.recommendedMaxWorkingSetSize)};
  }
}

Memory memory() {
  @autoreleasepool {
    return {static_cast<int64_t>(mx::get_active_memory()), static_cast<int64_t>(mx::get_cache_memory()),
            static_cast<int64_t>(mx::get_peak_memory()), footprint(), thermal()};
  }
}

void reset_peak_memory() { mx::reset_peak_memory(); }

std::function<void()> watch_pressure(std::function<void(Pressure)> changed) {
  // The lock makes stop() wait for a call in progress; recursive, so that the callback itself may stop.
  struct Watch {
    std::recursive_mutex lock;
    bool stopped = false;
    std::function<void(Pressure)> changed;
  };
  auto watch = std::make_shared<Watch>();
  watch->changed = std::move(changed);
  dispatch_source_t source = dispatch_source_create(
      DISPATCH_SOURCE_TYPE_MEMORYPRESSURE, 0,
      DISPATCH_MEMORYPRESSURE_NORMAL | DISPATCH_MEMORYPRESSURE_WARN | DISPATCH_MEMORYPRESSURE_CRITICAL,
      dispatch_get_global_queue(QOS_CLASS_UTILITY, 0));
  if (!source) return [] {};
  // The block must not own its own source: read the level through a weak reference.
  __weak dispatch_source_t weak_source = source;
  dispatch_source_set_event_handler(source, ^{
    dispatch_source_t alive = weak_source;
    if (!alive) return;
    const unsigned long level = dispatch_source_get_data(alive);
    std::lock_guard held(watch->lock);
    if (watch->stopped) return;
    watch->changed(level & DISPATCH_MEMORYPRESSURE_CRITICAL ? Pressure::critical
                   : level & DISPATCH_MEMORYPRESSURE_WARN   ? Pressure::warn
                                                            : Pressure::normal);
  });
  dispatch_resume(source);
  return [watch, source] {
    dispatch_source_cancel(source);
    std::lock_guard held(watch->lock);
    watch->stopped = true;
  };
}

void with_pool(const std::function<void()>& f) {
  @autoreleasepool {
    f();
  }
}

}  // namespace llamba
