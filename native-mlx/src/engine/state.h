#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "mlx/mlx.h"

namespace llamba {

/** What B sequences of one model remember. Arrays are never written in place while another holder sees them, so a copy
    of Rows is a snapshot that costs nothing. */
struct Rows {
  std::vector<mlx::core::array> arrays;  // the model says which
  std::vector<int64_t> tokens;           // [B], fed so far
  int64_t bytes() const;
};

/** One sequence between jobs. */
struct State {
  ModelId model;
  Rows rows;                               // B = 1
  std::optional<mlx::core::array> hidden;  // [1, 1, d] after the last token and the last norm; none when fresh
  std::vector<int32_t> recent;             // the latest tokens, at most kRecent: what a repetition penalty looks at
  static constexpr size_t kRecent = 4096;

  int64_t tokens() const { return rows.tokens[0]; }
  int64_t bytes() const;
  void remember(const int32_t* ids, size_t count);
};

/** Throws Error internal when an earlier failure lost the state's arrays. */
void require_rows(const State& state);

}  // namespace llamba
