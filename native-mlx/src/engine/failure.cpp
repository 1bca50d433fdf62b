#include "engine/failure.h"

#include <string>

#include "engine/error.h"

namespace llamba {

std::exception_ptr named(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Error&) {
    return thrown;
  } catch (const std::exception& error) {
    // Metal: "[metal::malloc] ..." and command buffers that end with "Insufficient Memory"; CUDA: "out of memory".
    std::string what = error.what();
    for (const char* sign : {"malloc", "allocate", "Insufficient Memory", "out of memory"})
      if (what.find(sign) != std::string::npos)
        return std::make_exception_ptr(Error("out-of-memory", "There was not enough memory to go on: " + what,
                                             "Close other apps or conversations, or use a smaller model."));
    return thrown;
  } catch (...) {
    return thrown;
  }
}

}  // namespace llamba
