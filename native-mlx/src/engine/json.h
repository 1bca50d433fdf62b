#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace llamba {

/** Why a text is not JSON, and at which byte. */
struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** A parsed JSON value. Beyond the standard it may hold Infinity, -Infinity and NaN (spec 4.4 rule 4). */
struct Json {
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // sorted by key, keys distinct
  std::variant<std::nullptr_t, bool, double, std::string, Array, Object> value = nullptr;

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
  const Object* object() const { return std::get_if<Object>(&value); }
  const Array* array() const { return std::get_if<Array>(&value); }
  const std::string* string() const { return std::get_if<std::string>(&value); }
  const double* number() const { return std::get_if<double>(&value); }
  const bool* boolean() const { return std::get_if<bool>(&value); }

  /** The member of an object, or null where this is no object or has no such key. */
  const Json* find(std::string_view key) const;
  /** find() through nested objects: path("ssm_cfg", "d_state"). */
  template <typename... Keys>
  const Json* path(std::string_view key, Keys... rest) const {
    const Json* at = find(key);
    if constexpr (sizeof...(rest) == 0) {
      return at;
    } else {
      return at ? at->path(rest...) : nullptr;
    }
  }
};

/** Parses a whole text. Throws JsonError on anything else than one value, on repeated keys, on nesting deeper than
    64 and on invalid escapes. */
Json parse_json(std::string_view text);

/** A string as a JSON literal, quotes included. Bytes from 0x20 up pass as they are. */
std::string json_quote(std::string_view text);

}  // namespace llamba
