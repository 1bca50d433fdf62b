#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "support.h"

int main(int argc, char** argv) {
  mlx::core::set_default_device(llamba::test::device());
  if (!llamba::test::on_gpu()) mlx::core::set_compile_mode(mlx::core::CompileMode::disabled);
  return doctest::Context(argc, argv).run();
}
