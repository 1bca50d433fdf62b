#include "engine/tensor_reader.h"

#include <algorithm>

#include "cpu/large_pages.h"
#include "cpu/tiles.h"
#include "engine/error.h"
#include "engine/host_op.h"
#include "kernels/gpu_kernel.h"
#include "engine/preflight.h"

namespace mx = mlx::core;

namespace llamba {
namespace {

template <typename Dims>
std::string show(const Dims& dims) {
  std::string out = "[";
  for (auto dim : dims) out += (out.size() > 1 ? ", " : "") + (dim < 0 ? "?" : std::to_string(dim));
  return out + "]";
}

bool is_float(mx::Dtype dtype) { return dtype == mx::float16 || dtype == mx::bfloat16 || dtype == mx::float32; }

/** MLX reads the header once more, with a parser of its own that is stricter about texts. */
std::unordered_map<std::string, mx::array> open_lazily(const std::string& path) {
  try {
    return mx::load_safetensors(path).first;
  } catch (const std::exception& error) {
    throw Error("model-invalid", path + " is not a valid safetensors file: " + error.what(),
                "The file is damaged or incomplete. Download it again.");
  }
}

std::vector<int> without_ones(const std::vector<int>& shape, size_t rank) {
  std::vector<int> out = shape;
  for (size_t i = out.size(); i-- > 1 && out.size() > rank;)
    if (out[i] == 1) out.erase(out.begin() + i);
  return out;
}

}  // namespace

TensorReader::TensorReader(const Checkpoint& checkpoint, mx::Dtype compute, Progress progress,
                           std::function<void()> pause)
    : checkpoint_(checkpoint), compute_(compute), progress_(std::move(progress)), pause_(std::move(pause)) {}

bool TensorReader::expect(const std::string& name, const std::vector<int>& shape) {
  const auto* found = checkpoint_.find(name);
  if (!found) {
    missing_.push_back(name);
    return false;
  }
  std::vector<int> stored = without_ones(found->entry.shape, shape.size());
  bool same = stored.size() == shape.size();
  for (size_t i = 0; same && i < shape.size(); ++i) same = shape[i] == kAny || shape[i] == stored[i];
  if (!same) wrong_.push_back(found->stored + " is " + show(found->entry.shape) + " and should be " + show(shape));
  return same;
}

mx::array TensorReader::tensor(const std::string& name, const std::vector<int>& shape, mx::Dtype dtype) {
  if (dry_) {
    if (expect(name, shape) && !is_float(checkpoint_.find(name)->entry.dtype))
      wrong_.push_back(name + " is " + safetensors_dtype(checkpoint_.find(name)->entry.dtype) +
                       " and should be F16, BF16 or F32");
    return mx::array(0.0f);
  }
  mx::array out = load(name, dtype);
  if (out.ndim() != shape.size()) {
    out = mx::reshape(out, mx::Shape(shape.begin(), shape.end()));
    out.eval();
  }
  parameters_ += int64_t(out.size());
  return out;
}

Linear TensorReader::linear(const std::string& stem, int out, int in) {
  std::string weight = stem + ".weight";
  if (dry_ && has(stem + ".bias")) tensor(stem + ".bias", {out}, compute_);
  bool quantized = has(stem + ".scales");
  Linear linear{mx::array(0.0f), {}, {}, {}, 0, 0};
  if (!quantized) {
    // On the CPU 16-bit matrices stay as stored: the kernel widens them while it reads.
    bool keep = on_cpu();
    mx::Dtype stored = has(weight) ? checkpoint_.find(weight)->entry.dtype : compute_;
    linear.weight = tensor(weight, {out, in}, keep && is_float(stored) ? stored : compute_);
  } else {
    const auto *packed = checkpoint_.find(weight), *scales = checkpoint_.find(stem + ".scales");
    int columns = packed && packed->entry.shape.size() == 2 ? packed->entry.shape[1] : 0;
    int groups = scales->entry.shape.size() == 2 ? scales->entry.shape[1] : 0;
    if (dry_) {
      if (!expect(weight, {out, kAny}) || !expect(stem + ".scales", {out, kAny}) ||
          !expect(stem + ".biases", {out, kAny}))
        return linear;
      if (in < 1) return linear;
    }
    int64_t packed_bits = int64_t(columns) * 32;
    linear.bits = int(packed_bits / in);
    linear.group_size = groups > 0 ? in / groups : 0;
    if (dry_) {
      bool whole = packed_bits % in == 0 && groups > 0 && in % groups == 0;
      bool known = (linear.bits == 4 || linear.bits == 8) &&
                   (linear.group_size == 32 || linear.group_size == 64 || linear.group_size == 128);
      if (!whole || !known)
        wrong_.push_back(packed->stored + " " + show(packed->entry.shape) + " with scales " +
                         show(scales->entry.shape) + " is no 4- or 8-bit matrix of " + std::to_string(in) +
                         " columns in groups of 32, 64 or 128");
      if (packed->entry.dtype != mx::uint32) wrong_.push_back(packed->stored + " is not of type U32");
      expect(stem + ".biases", {out, groups});
      for (const char* leaf : {".scales", ".biases"})
        if (!is_float(checkpoint_.find(stem + leaf)->entry.dtype))
          wrong_.push_back(stem + leaf + " is not of a float type");
      return linear;
    }
    linear.weight = load(weight, {});
    // MLX's kernels on a GPU want one type throughout; ours on the CPU widen the stored 16 bits as they read.
    std::optional<mx::Dtype> type;
    if (!on_cpu()) type = compute_;
    linear.scales = load(stem + ".scales", type);
    linear.offsets = load(stem + ".biases", type);
    if (on_cpu())
      for (mx::array* part : {&linear.weight, &*linear.scales, &*linear.offsets})
        cpu::into_tiles(part->data<char>(), out, part->shape(1), int(part->itemsize()));
    parameters_ += int64_t(linear.weight.size()) * 32 / linear.bits;
    ++quantized_[{linear.bits, linear.group_size}];
  }
  if (!dry_ && has(stem + ".bias")) linear.bias = tensor(stem + ".bias", {out}, compute_);
  return linear;
}

void TensorReader::finish_check() {
  auto list = [](const std::vector<std::string>& items) {
    constexpr size_t kMost = 400;  // a header that claims thousands of blocks shall not make a message of megabytes
    std::string out;
    for (size_t i = 0; i < std::min(items.size(), kMost); ++i) out += (i ? "; " : "") + items[i];
    return items.size() > kMost ? out + "; and " + std::to_string(items.size() - kMost) + " more" : out;
  };
  if (!missing_.empty()) {
    std::string message = "The model lacks " + std::to_string(missing_.size()) + " tensors: " + list(missing_);
    if (!wrong_.empty()) message += ". Also: " + list(wrong_);
    throw Error("tensor-missing", message, "The download is incomplete, or the model is of another kind.");
  }
  if (!wrong_.empty())
    throw Error("tensor-shape", "The model's tensors do not fit together: " + list(wrong_),
                "The file is damaged, or the model is of another kind.");
  for (const auto& [name, tensor] : checkpoint_.tensors) total_ += tensor.entry.bytes();
  require_memory(total_, "This model");
  for (const auto& file : checkpoint_.files) files_.push_back(open_lazily(file.path));
  dry_ = false;
}

mx::array TensorReader::load(const std::string& name, std::optional<mx::Dtype> dtype) {
  if (pause_) pause_();
  const auto& tensor = checkpoint_.tensors.at(name);
  auto node = files_[tensor.file].extract(tensor.stored);
  if (node.empty()) throw Error("model-invalid", name + " cannot be loaded", "Download the model again.");
  mx::array out = std::move(node.mapped());
  out.eval();
  if (dtype && out.dtype() != *dtype) {
    out = mx::astype(out, *dtype);
    out.eval();
  } else if (on_cuda()) {
    // MLX reads files into memory that wanders between host and device page by page; what the device makes is its own.
    mx::array own = mx::maximum(out, out);
    own.eval();
    out = own;
  }
  if (on_cpu()) cpu::use_large_pages(out.data<char>(), out.nbytes());
  bytes_ += int64_t(out.nbytes());
  read_ += tensor.entry.bytes();
  if (progress_) progress_(read_, total_);
  return out;
}

std::pair<int, int> TensorReader::bits_and_group() const {
  auto most = std::max_element(quantized_.begin(), quantized_.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == quantized_.end() ? std::pair(0, 0) : most->first;
}

int dimension(const Checkpoint& c, const std::string& name, size_t axis) {
  const auto* tensor = c.find(name);
  return tensor && axis < tensor->entry.shape.size() ? tensor->entry.shape[axis] : TensorReader::kAny;
}

int count_layers(const Checkpoint& c) {
  int layers = 0;
  for (const auto& [name, tensor] : c.tensors) {
    if (name.rfind("model.layers.", 0) != 0) continue;
    size_t dot = name.find('.', 13);
    if (dot == std::string::npos || dot == 13 || dot > 17 || name.find_first_not_of("0123456789", 13) != dot) continue;
    layers = std::max(layers, std::stoi(name.substr(13, dot - 13)) + 1);
  }
  return layers;
}

}  // namespace llamba
