#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

#include "support.h"

int main(int argc, char** argv) {
  // The tests are about our arithmetic; CUDA's products would drop 13 bits of float32.
  if (llamba::test::on_gpu()) setenv("MLX_ENABLE_TF32", "0", 1);
  mlx::core::set_default_device(llamba::test::device());
  if (!llamba::test::on_gpu()) mlx::core::set_compile_mode(mlx::core::CompileMode::disabled);
  return doctest::Context(argc, argv).run();
}
