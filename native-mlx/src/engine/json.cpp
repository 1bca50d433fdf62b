#include "engine/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace llamba {
namespace {

constexpr int kMaxDepth = 64;

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += char(c);
  } else if (c < 0x800) {
    out += {char(0xC0 | c >> 6), char(0x80 | (c & 63))};
  } else if (c < 0x10000) {
    out += {char(0xE0 | c >> 12), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
  } else {
    out += {char(0xF0 | c >> 18), char(0x80 | (c >> 12 & 63)), char(0x80 | (c >> 6 & 63)), char(0x80 | (c & 63))};
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json whole() {
    Json out = value(0);
    space();
    if (at_ != text_.size()) fail("text after the value");
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw JsonError(what + " at byte " + std::to_string(at_)); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Json value(int depth) {
    if (depth > kMaxDepth) fail("nested too deeply");
    space();
    switch (peek()) {
      case '{':
        return {object(depth)};
      case '[':
        return {array(depth)};
      case '"':
        return {string()};
      default:
        break;
    }
    if (take("true")) return {true};
    if (take("false")) return {false};
    if (take("null")) return {nullptr};
    if (take("NaN")) return {std::numeric_limits<double>::quiet_NaN()};
    if (take("Infinity")) return {std::numeric_limits<double>::infinity()};
    if (take("-Infinity")) return {-std::numeric_limits<double>::infinity()};
    return {number()};
  }

  Json::Object object(int depth) {
    Json::Object out;
    ++at_;
    space();
    if (take("}")) return out;
    do {
      space();
      if (peek() != '"') fail("expected a key");
      std::string key = string();
      space();
      if (!take(":")) fail("expected ':'");
      out.emplace_back(std::move(key), value(depth + 1));
      space();
    } while (take(","));
    if (!take("}")) fail("expected ',' or '}'");
    auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::stable_sort(out.begin(), out.end(), by_key);
    for (size_t i = 1; i < out.size(); ++i)
      if (out[i].first == out[i - 1].first) fail("repeated key \"" + out[i].first.substr(0, 100) + "\"");
    return out;
  }

  Json::Array array(int depth) {
    Json::Array out;
    ++at_;
    space();
    if (take("]")) return out;
    do {
      out.push_back(value(depth + 1));
      space();
    } while (take(","));
    if (!take("]")) fail("expected ',' or ']'");
    return out;
  }

  uint32_t hex4() {
    if (at_ + 4 > text_.size()) fail("cut \\u escape");
    uint32_t code = 0;
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc() || end != text_.data() + at_ + 4) fail("bad \\u escape");
    at_ += 4;
    return code;
  }

  std::string string() {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return out;
      }
      if (static_cast<unsigned char>(c) < 0x20) fail("control character in a string");
      if (c != '\\') {
        out += c;
        continue;
      }
      if (++at_ >= text_.size()) break;
      static constexpr std::string_view kNames = "\"\\/bfnrt", kBytes = "\"\\/\b\f\n\r\t";
      if (size_t i = kNames.find(text_[at_]); i != std::string_view::npos) {
        out += kBytes[i];
      } else if (text_[at_] == 'u') {
        ++at_;
        uint32_t code = hex4();
        if (code >= 0xD800 && code < 0xDC00) {
          if (!take("\\u")) fail("half of a surrogate pair");
          uint32_t low = hex4();
          if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair");
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        } else if (code >= 0xDC00 && code <= 0xDFFF) {
          fail("half of a surrogate pair");
        }
        append_utf8(out, code);
        --at_;
      } else {
        fail("unknown escape");
      }
    }
    fail("string without an end");
  }

  double number() {
    size_t start = at_;
    auto digits = [&] {
      size_t from = at_;
      while (peek() >= '0' && peek() <= '9') ++at_;
      if (at_ == from) fail("expected a value");
    };
    take("-");
    if (peek() == '0') {
      ++at_;
    } else {
      digits();
    }
    if (take(".")) digits();
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
    // strtod and not from_chars: Apple's libc++ lacks the latter for doubles.
    return std::strtod(std::string(text_.substr(start, at_ - start)).c_str(), nullptr);
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

const Json* Json::find(std::string_view key) const {
  const Object* members = object();
  if (!members) return nullptr;
  auto at = std::lower_bound(members->begin(), members->end(), key,
                             [](const auto& member, std::string_view k) { return member.first < k; });
  return at != members->end() && at->first == key ? &at->second : nullptr;
}

Json parse_json(std::string_view text) { return Parser(text).whole(); }

std::string json_quote(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace llamba
