#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llamba {

/** Watches the bytes of generated tokens for stop strings, which may span tokens or characters. */
class StopStrings {
 public:
  /** `pieces`: the bytes of each token id. Throws Error bad-request when strings are given without pieces. */
  StopStrings(std::vector<std::string> strings, std::shared_ptr<const std::vector<std::string>> pieces);
  /** The string that this token completes; of several the one that ends first, then the longest. */
  std::optional<std::string> feed(int32_t id);

 private:
  std::vector<std::string> strings_;
  std::shared_ptr<const std::vector<std::string>> pieces_;
  size_t longest_ = 0;
  std::string tail_;  // the latest bytes, shorter than the longest string
};

}  // namespace llamba
