#include "engine/error.h"
#include "engine/host_op.h"
#include "engine/llama.h"
#include "engine/llamba.h"
#include "engine/model.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

mx::Dtype choose_compute(const Checkpoint& c, const LoadOptions& options) {
  if (options.compute) return *options.compute;
  if (on_cpu()) return mx::float32;
  for (const auto& [name, tensor] : c.tensors)
    if (tensor.entry.dtype == mx::float16) return mx::float16;
  return mx::bfloat16;
}

template <typename Kind>
std::unique_ptr<Model> build(const Checkpoint& c, TensorReader& read) {
  Kind checked(c, read);
  read.finish_check();
  return std::make_unique<Kind>(c, read);
}

}  // namespace

std::unique_ptr<Model> load_model(const std::string& path, const LoadOptions& options) {
  Checkpoint c = open_checkpoint(path);
  TensorReader read(c, choose_compute(c, options), options.progress, options.pause);
  std::unique_ptr<Model> model = c.architecture == "llama" ? build<Llama>(c, read) : build<Llamba>(c, read);
  ModelInfo& info = model->info();
  info.architecture = c.architecture;
  info.format = c.format;
  info.name = c.name;
  info.fingerprint = fingerprint(c);
  info.parameters = read.parameters();
  info.weight_bytes = read.bytes();
  std::tie(info.bits, info.group_size) = read.bits_and_group();
  return model;
}

}  // namespace llamba
