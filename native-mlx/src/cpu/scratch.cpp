#include "cpu/scratch.h"

#include <cstdlib>
#include <memory>
#include <new>

namespace llamba::cpu {

float* scratch(Scratch name, size_t n) {
  struct Free {
    void operator()(float* p) const { ::operator delete(p, std::align_val_t{64}); }
  };
  struct Block {
    std::unique_ptr<float, Free> memory;
    size_t size = 0;
  };
  thread_local Block blocks[static_cast<int>(Scratch::count)];
  Block& block = blocks[static_cast<int>(name)];
  if (block.size < n) {
    block.size = 0;
    block.memory.reset();
    block.memory.reset(static_cast<float*>(::operator new(n * sizeof(float), std::align_val_t{64})));
    block.size = n;
  }
  return block.memory.get();
}

}  // namespace llamba::cpu
