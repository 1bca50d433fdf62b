#include <doctest/doctest.h>

#include "engine/stop.h"
#include "support.h"

using namespace llamba;
using namespace llamba::test;

namespace {

auto pieces() {
  return std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"a", "b", "ab", "\xF0\x9F", "\x98\x80", "END", "", "xEN", "Dy"});
}

/** The string found, and after how many tokens. */
std::pair<std::string, int> run(std::vector<std::string> strings, std::vector<int32_t> ids) {
  StopStrings stop(std::move(strings), pieces());
  for (size_t i = 0; i < ids.size(); ++i)
    if (auto found = stop.feed(ids[i])) return {*found, int(i) + 1};
  return {"", 0};
}

}  // namespace

TEST_CASE("Stop strings are found within, across and inside tokens") {
  CHECK(run({"END"}, {0, 5}) == std::pair(std::string("END"), 2));
  CHECK(run({"END"}, {0, 7, 8, 1}) == std::pair(std::string("END"), 3));
  CHECK(run({"aab"}, {0, 0, 0, 2}) == std::pair(std::string("aab"), 4));
  CHECK(run({"\xF0\x9F\x98\x80"}, {3, 4}) == std::pair(std::string("\xF0\x9F\x98\x80"), 2));
  CHECK(run({"abab"}, {2, 6, 0, 6, 1}) == std::pair(std::string("abab"), 5));
  CHECK(run({"END"}, {0, 1, 7, 0}).second == 0);
  CHECK(run({}, {5}).second == 0);
  CHECK(run({""}, {5}).second == 0);
}

TEST_CASE("Of several stop strings the one that ends first wins, then the longest") {
  CHECK(run({"ND", "E"}, {5}).first == "E");
  CHECK(run({"D", "END"}, {5}).first == "END");
}

TEST_CASE("Stop strings without pieces are a bad request") {
  CHECK(code_of([] { StopStrings({"x"}, nullptr); }) == "bad-request");
  CHECK(code_of([] { StopStrings({}, nullptr); }) == "");
}
