#pragma once

#include <string>

#include "engine/model.h"
#include "engine/state.h"

namespace llamba {

inline constexpr const char* kStateFormat = "llamba-state";
inline constexpr const char* kStateVersion = "1";

/** Writes a state as safetensors: arrays state.00000 ..., hidden, recent; metadata format, version, fingerprint,
    tokens, note, checksum. Appears under its name only when complete. Errors: disk-full, file-unreadable. */
void write_state_file(const std::string& path, const Model& model, const State& state, const std::string& note);

struct LoadedState {
  State state;
  std::string note;
};
/** Errors: file-unreadable, state-corrupt (no state file, cut, altered), state-version, state-mismatch (another
    model's). Nothing that the file claims is allocated before it is checked against the file's size. */
LoadedState read_state_file(const std::string& path, const Model& model);

}  // namespace llamba
