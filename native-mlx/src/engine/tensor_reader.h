#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/checkpoint.h"
#include "engine/engine.h"
#include "engine/linear.h"

namespace llamba {

/** Hands a model its tensors. The model's building code runs twice: first dry, when nothing is loaded and every missing
    or misshapen tensor is collected into one Error, then for real. Dry arrays are placeholders. */
class TensorReader {
 public:
  static constexpr int kAny = -1;  // a dimension that an absent tensor would have told

  /** `compute` is the activations' type. `pause` is called between tensors and may throw to give up. */
  TensorReader(const Checkpoint&, mlx::core::Dtype compute, Progress, std::function<void()> pause);

  bool has(const std::string& name) const { return checkpoint_.find(name) != nullptr; }
  /** A dense tensor of this shape, converted to `dtype`. Dimensions of 1 in the file beyond it are dropped. */
  mlx::core::array tensor(const std::string& name, const std::vector<int>& shape, mlx::core::Dtype dtype);
  /** Matrix `stem`.weight [out, in] with its scales and offsets when it is quantized, and `stem`.bias when there is
   * one. */
  Linear linear(const std::string& stem, int out, int in);
  /** A fault that no tensor's shape shows. */
  void fault(const std::string& what) { wrong_.push_back(what); }

  /** Ends the dry pass: throws tensor-missing or tensor-shape with all faults, or out-of-memory when it cannot fit. */
  void finish_check();
  mlx::core::Dtype compute() const { return compute_; }
  bool dry() const { return dry_; }

  int64_t parameters() const { return parameters_; }
  int64_t bytes() const { return bytes_; }
  /** Of most quantized matrices; zeros when there is none. */
  std::pair<int, int> bits_and_group() const;

 private:
  mlx::core::array load(const std::string& name, std::optional<mlx::core::Dtype> dtype);
  bool expect(const std::string& name, const std::vector<int>& shape);

  const Checkpoint& checkpoint_;
  mlx::core::Dtype compute_;
  Progress progress_;
  std::function<void()> pause_;
  bool dry_ = true;
  std::vector<std::string> missing_, wrong_;
  std::vector<std::unordered_map<std::string, mlx::core::array>> files_;  // lazily loaded, taken out one by one
  int64_t parameters_ = 0, bytes_ = 0, read_ = 0, total_ = 0;
  std::map<std::pair<int, int>, int> quantized_;
};

/** One size of a tensor's shape; kAny where the tensor is absent or has fewer axes. */
int dimension(const Checkpoint&, const std::string& name, size_t axis);
/** One more than the highest N among tensors named model.layers.N.*: one missing in between is named, not skipped. */
int count_layers(const Checkpoint&);

}  // namespace llamba
