#include "cpu/cores.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace llamba::cpu {

int physical_cores() {
#if defined(__linux__)
  // Hyperthreads of a core share one list of siblings; a virtual machine without that file counts each processor.
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    std::set<std::string> cores;
    for (int i = 0; i < CPU_SETSIZE; i++) {
      if (!CPU_ISSET(i, &allowed)) continue;
      std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(i) + "/topology/thread_siblings_list");
      std::string siblings;
      cores.insert(std::getline(file, siblings) ? siblings : "cpu" + std::to_string(i));
    }
    return std::max<int>(1, static_cast<int>(cores.size()));
  }
#elif defined(__APPLE__)
  // Performance cores only: a slow core that takes the last part would be waited for.
  int cores = 0;
  size_t size = sizeof(cores);
  if (sysctlbyname("hw.perflevel0.physicalcpu", &cores, &size, nullptr, 0) == 0 && cores > 0) return cores;
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace llamba::cpu
