#include "engine/checksum.h"

#include <cstdio>
#include <cstring>

namespace llamba {

void Checksum::add(const void* data, size_t bytes) {
  mix(bytes);
  auto* at = static_cast<const unsigned char*>(data);
  for (; bytes >= 8; at += 8, bytes -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    mix(word);
  }
  if (bytes > 0) {
    uint64_t word = 0;
    std::memcpy(&word, at, bytes);
    mix(word);
  }
}

std::string Checksum::hex() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
  return text;
}

}  // namespace llamba
