// Linux's half of platform.h. Asks MLX only for its version, its memory counters and, with the CUDA library, the
// device's properties: none of them starts MLX's scheduler, so any thread may call.
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "cpu/quantized_matmul.h"
#include "mlx/backend/cuda/cuda.h"
#include "mlx/mlx.h"
#include "platform/platform.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

/** What follows the first line's "key" and colon, without blanks in front; empty when there is none. */
std::string field(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const auto start = line.find_first_not_of(" \t", line.find(':') + 1);
    return start == std::string::npos ? "" : line.substr(start);
  }
  return "";
}

int64_t kilobytes(const char* path, const char* key) {
  const std::string text = field(path, key);
  return text.empty() ? 0 : std::stoll(text) * 1024;
}

int64_t physical_memory() {
  int64_t bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  std::ifstream limit("/sys/fs/cgroup/memory.max");  // a container's; "max" is none
  int64_t allowed = 0;
  if (limit >> allowed) bytes = std::min(bytes, allowed);
  return bytes;
}

std::string processor_name() {
  const std::string name = field("/proc/cpuinfo", "model name");
  return name.empty() ? "arm64 processor" : name;
}

Device cuda_device() {
  const auto& info = mx::device_info(mx::Device(mx::Device::gpu));
  const auto number = [&](const char* key) { return static_cast<int64_t>(std::get<size_t>(info.at(key))); };
  const std::string capability =
      std::to_string(number("compute_capability_major")) + std::to_string(number("compute_capability_minor"));
  return {std::get<std::string>(info.at("device_name")), "cuda", "sm_" + capability, mx::version(), physical_memory(),
          number("total_memory")};
}

// Stalls of this length within two seconds wake the watcher; a window of 2 s is what the kernel allows everyone.
constexpr const char* kWarn = "some 200000 2000000";
constexpr const char* kCritical = "full 200000 2000000";
constexpr int kCalmMs = 10000;  // without a stall for this long, pressure is over

struct File {
  int fd = -1;
  File() = default;
  File(const File&) = delete;
  ~File() {
    if (fd >= 0) close(fd);
  }
};

struct Watch {
  File warn, critical, stop;
  std::function<void(Pressure)> changed;

  bool open() {
    stop.fd = eventfd(0, EFD_CLOEXEC);
    return stop.fd >= 0 && trigger(warn, kWarn) && trigger(critical, kCritical);
  }

  static bool trigger(File& file, const char* threshold) {
    file.fd = ::open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return file.fd >= 0 && write(file.fd, threshold, std::strlen(threshold) + 1) >= 0;
  }

  void run() {
    Pressure now = Pressure::normal;
    for (;;) {
      pollfd fds[] = {{warn.fd, POLLPRI, 0}, {critical.fd, POLLPRI, 0}, {stop.fd, POLLIN, 0}};
      if (poll(fds, 3, now == Pressure::normal ? -1 : kCalmMs) < 0 && errno != EINTR) return;
      if (fds[2].revents || (fds[0].revents | fds[1].revents) & POLLERR) return;
      const Pressure next = fds[1].revents & POLLPRI   ? Pressure::critical
                            : fds[0].revents & POLLPRI ? Pressure::warn
                                                       : Pressure::normal;
      if (next != now) changed(next);
      now = next;
    }
  }
};

}  // namespace

Device device() {
  if (mx::cu::is_available()) return cuda_device();
  const int64_t bytes = physical_memory();
  return {processor_name(), "cpu", cpu_kernel_name(), mx::version(), bytes, bytes};
}

Memory memory() {
  // RssAnon and RssShmem: mapped files (libraries, model pages) can be dropped at any time and are not counted.
  const int64_t resident = kilobytes("/proc/self/status", "RssAnon") + kilobytes("/proc/self/status", "RssShmem");
  return {static_cast<int64_t>(mx::get_active_memory()), static_cast<int64_t>(mx::get_cache_memory()),
          static_cast<int64_t>(mx::get_peak_memory()), resident, "unknown"};
}

void reset_peak_memory() { mx::reset_peak_memory(); }

std::function<void()> watch_pressure(std::function<void(Pressure)> changed) {
  auto watch = std::make_shared<Watch>();
  watch->changed = std::move(changed);
  if (!watch->open()) return [] {};  // a kernel without PSI, or one that keeps it to root
  std::shared_ptr<std::thread> thread(new std::thread([watch] { watch->run(); }), [](std::thread* t) {
    if (t->joinable()) t->detach();  // never stopped: it lives as long as the process
    delete t;
  });
  return [watch, thread] {
    eventfd_write(watch->stop.fd, 1);
    if (!thread->joinable()) return;
    if (thread->get_id() == std::this_thread::get_id()) {
      thread->detach();
    } else {
      thread->join();
    }
  };
}

void with_pool(const std::function<void()>& f) { f(); }

}  // namespace llamba
