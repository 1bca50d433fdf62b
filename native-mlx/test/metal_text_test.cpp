// The kernels' Metal source, exactly as MLX generates it, type-checked by clang. MLX prints it on any platform
// when a Metal kernel is traced for export; only Apple's compiler can do more.
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <string>

#include "kernels/layers_gpu.h"
#include "kernels/mixer_gpu.h"
#include "kernels/scan_gpu.h"
#include "support.h"

namespace fs = std::filesystem;
namespace mx = mlx::core;
using llamba::MixerShape;

namespace {

using Step = std::function<std::vector<mx::array>(const mx::Args&)>;

/** What MLX generates for the one kernel that `step` calls. */
std::string generated_source(const Step& step, const mx::Args& inputs) {
  std::ostringstream printed;
  auto* terminal = std::cout.rdbuf(printed.rdbuf());
  mx::export_function([](const mx::ExportCallbackInput&) {}, step, inputs);
  std::cout.rdbuf(terminal);
  const std::string text = printed.str();
  const auto start = text.find("```\n"), end = text.rfind("```");
  REQUIRE(start != std::string::npos);
  REQUIRE(end > start);
  return text.substr(start + 4, end - start - 4);
}

std::string mixer_source(const MixerShape& s, mx::Dtype type) {
  const int cd = s.convolved(), inner = s.inner();
  const Step step = [&](const mx::Args& a) {
    auto out = llamba::mixer_step_gpu(llamba::Gpu::kMetal, a[0], a[1], a[2], {a[3], a[4], a[5], a[6]}, s, true);
    return std::vector<mx::array>{out.y, out.conv_state, out.ssm_state};
  };
  return generated_source(step, {mx::zeros({1, 1, cd + inner + s.heads}, type), mx::zeros({1, cd, s.taps - 1}),
                                 mx::zeros({1, s.heads, s.head_width, s.state_size}), mx::zeros({cd, s.taps}, type),
                                 mx::zeros({cd}, type), mx::zeros({inner}, type), mx::zeros({s.heads}, type)});
}

std::vector<mx::array> both(std::pair<mx::array, mx::array> pair) { return {pair.first, pair.second}; }

/** clang's complaints, empty when there is none. */
std::string complaints(std::string source) {
  // Plain clang knows no attributes on an explicit instantiation, and shared variables only as static ones.
  source = std::regex_replace(source, std::regex(R"(template \[\[host_name\([^)]*\)\]\] \[\[kernel\]\])"), "template");
  source = std::regex_replace(source, std::regex("\n *GPU_SHARED "), "\n  static threadgroup ");
  const llamba::test::TempDir folder;
  std::ofstream(folder / "kernel.cpp") << "#include \"" << (fs::path(__FILE__).parent_path() / "metal_stub.h").string()
                                       << "\"\n" << source;
  // arm64 for its 16-bit floats; the text includes nothing, so no system of that kind is needed.
  const std::string command =
      "clang++ --target=aarch64-linux-gnu -std=c++17 -fsyntax-only -Wall -Werror -Wno-unknown-attributes "
      "-Wno-unused-function '" +
      folder / "kernel.cpp" + "' > '" + folder / "out" + "' 2>&1";
  const int status = std::system(command.c_str());
  std::ostringstream out;
  out << std::ifstream(folder / "out").rdbuf();
  return status == 0 ? "" : "failed: " + out.str();
}

void need_clang() {
  if (std::system("clang++ --version > /dev/null 2>&1") != 0)
    FAIL("clang++ is needed to check the Metal kernel's text: install it (Debian and Ubuntu: apt-get install clang)");
}

}  // namespace

TEST_CASE("the Metal source of the fused step type-checks for every type and shape") {
  need_clang();
  const MixerShape shapes[] = {
      {9, 9, 64, 64, 4, false},
      {4, 4, 12, 16, 4, true},  // 4 elements of D: MLX passes so small an input in the constant address space
      {32, 8, 96, 64, 4, false}};
  for (const auto& s : shapes)
    for (auto type : {mx::float32, mx::float16, mx::bfloat16}) CHECK(complaints(mixer_source(s, type)) == "");
}

TEST_CASE("the Metal source of the layers' and the scan's kernels type-checks for every type") {
  need_clang();
  constexpr auto kMetal = llamba::Gpu::kMetal;
  for (const MixerShape& s : {MixerShape{9, 9, 64, 64, 4, false}, MixerShape{4, 2, 12, 16, 3, true}})
    for (auto type : {mx::float32, mx::float16, mx::bfloat16}) {
      const int cd = s.convolved(), inner = s.inner(), length = 5;
      const auto proj = mx::zeros({2, length, cd + inner + s.heads}, type), conv = mx::zeros({2, cd, s.taps - 1}),
                 state = mx::zeros({2, s.heads, s.head_width, s.state_size});
      const auto weights = [](const mx::Args& a, size_t at) {
        return llamba::MixerWeights{a[at], a[at + 1], a[at + 2], a[at + 3]};
      };
      const mx::Args w{mx::zeros({cd, s.taps}, type), mx::zeros({cd}, type), mx::zeros({inner}, type),
                       mx::zeros({s.heads}, type)};
      const auto check = [&](const Step& step, mx::Args inputs) {
        inputs.insert(inputs.end(), w.begin(), w.end());
        CHECK(complaints(generated_source(step, inputs)) == "");
      };
      check([&](const mx::Args& a) { return both(llamba::convolve_gpu(kMetal, a[0], a[1], a[2], weights(a, 3), s, true)); },
            {proj, conv, mx::zeros({2}, mx::int32)});
      check([&](const mx::Args& a) { return both(llamba::carry_gpu(kMetal, a[0], a[1], a[2], true)); },
            {state, mx::zeros({2, 3, s.heads, s.head_width, s.state_size}), mx::zeros({2, 3, s.heads})});
      check([&](const mx::Args& a) { return mx::Args{llamba::gate_gpu(kMetal, a[0], a[1], a[2], weights(a, 3), s, true)}; },
            {mx::zeros({2, length, s.heads, s.head_width}), mx::zeros({2, length, cd}), proj});
      check([&](const mx::Args& a) { return both(llamba::add_rms_norm_gpu(kMetal, a[0], a[1], a[2], 1e-5f, true)); },
            {mx::zeros({2, 3, 64}, type), mx::zeros({2, 3, 64}, type), mx::zeros({64}, type)});
      check([&](const mx::Args& a) { return mx::Args{llamba::swiglu_gpu(kMetal, a[0], true)}; },
            {mx::zeros({2, 3, 128}, type)});
    }
}

TEST_CASE("the check can fail: a missing address space and a misspelt name are found") {
  need_clang();
  const auto source = mixer_source({9, 9, 64, 64, 4, false}, mx::bfloat16);
  const auto replaced = [&](const std::string& from, const std::string& to) {
    const auto at = source.find(from);
    REQUIRE(at != std::string::npos);
    return std::string(source).replace(at, from.size(), to);
  };
  CHECK(complaints(replaced("GPU_SHARED float bc[2 * N]", "float bc[2 * N]; device float* shared = bc")) != "");
  CHECK(complaints(replaced("ssm, ssm_next", "ssm, ssm_nextt")) != "");
  CHECK(complaints(replaced("S_next[n] = v", "float* plain = S_next; plain[n] = v")) != "");
}
