#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace llamba {

/** A failure as it crosses every boundary of the product: what happened (`what`) and what to do next (`hint`).
    Codes are those of electron/shared/errors.ts. */
struct Error : std::runtime_error {
  Error(std::string code, const std::string& message, std::string hint)
      : std::runtime_error(message), code(std::move(code)), hint(std::move(hint)) {}
  std::string code;
  std::string hint;
};

}  // namespace llamba
