#include <doctest/doctest.h>

#include "engine_support.h"

namespace mx = mlx::core;
using namespace llamba;
using namespace llamba::test;

namespace {

void step(const Model& model, Rows& rows) {
  std::vector<mx::array> outputs{model.step(mx::array({7}), rows)};
  outputs.insert(outputs.end(), rows.arrays.begin(), rows.arrays.end());
  mx::eval(outputs);
}

std::vector<float> values(const mx::array& a) { return {a.data<float>(), a.data<float>() + a.size()}; }

}  // namespace

TEST_CASE("On the CPU a step writes over the state it read, unless somebody else holds it") {
  const On here(mx::Device::cpu);
  auto model = load(fixtures() / kModel);
  State state = fresh(*model);
  for (int i = 0; i < 3; ++i) step(*model, state.rows);
  Rows rows = state.rows;  // which `state` holds too
  std::vector<float> before = values(rows.arrays[1]);
  step(*model, rows);
  CHECK(values(state.rows.arrays[1]) == before);
  CHECK(values(rows.arrays[1]) != before);

  const float* at = rows.arrays[1].data<float>();
  before = values(rows.arrays[1]);
  step(*model, rows);
  CHECK(rows.arrays[1].data<float>() == at);
  CHECK(values(rows.arrays[1]) != before);
}
