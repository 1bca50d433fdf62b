#pragma once

#include <exception>

namespace llamba {

/** An exception as the engine reports it: Errors as they are; a failed allocation, which MLX tells only by its text, as
    Error out-of-memory; anything else unchanged. */
std::exception_ptr named(std::exception_ptr thrown);

}  // namespace llamba
