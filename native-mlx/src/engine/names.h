#pragma once

#include <string>

namespace llamba {

/** The cartesia-mlx name of a tensor of the hub's PyTorch layout (spec 4.3); names it has no rule for pass unchanged.
 */
std::string from_hub(const std::string& name);

}  // namespace llamba
