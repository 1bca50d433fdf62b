#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "engine/json.h"

using namespace llamba;

TEST_CASE("JSON: values, nesting, escapes") {
  Json json =
      parse_json(R"( {"b": [1, -2.5e3, true, false, null], "a": {"x": "q\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}} )");
  const Json::Array& list = *json.find("b")->array();
  CHECK(*list[0].number() == 1);
  CHECK(*list[1].number() == -2500);
  CHECK(*list[2].boolean());
  CHECK_FALSE(*list[3].boolean());
  CHECK(list[4].is_null());
  CHECK(*json.path("a", "x")->string() == "q\"\\/\b\f\n\r\t\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(json.find("c") == nullptr);
  CHECK(json.path("b", "x") == nullptr);
}

TEST_CASE("JSON: the numbers that checkpoints hold beyond the standard") {
  CHECK(std::isinf(*parse_json("Infinity").number()));
  CHECK(*parse_json("[-Infinity]").array()->at(0).number() == -INFINITY);
  CHECK(std::isnan(*parse_json("NaN").number()));
}

TEST_CASE("JSON: everything else is refused") {
  for (const char* bad : {"",
                          "{",
                          "[1,]",
                          "{\"a\":1,}",
                          "{\"a\" 1}",
                          "{a:1}",
                          "01",
                          "1.",
                          "+1",
                          "-",
                          "1e",
                          "nul",
                          "1 2",
                          "\"a",
                          "\"\n\"",
                          "\"\\x\"",
                          "\"\\u12\"",
                          "\"\\ud800\"",
                          "\"\\ud800\\u0041\"",
                          "\"\\udc00\"",
                          "[1 2]",
                          "Inf",
                          "{\"a\":1,\"a\":2}"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_json(bad), JsonError);
  }
  CHECK_THROWS_AS(parse_json(std::string(100'000, '[')), JsonError);  // no deep recursion
}

TEST_CASE("JSON: quoting is undone by parsing") {
  std::string text = "a\"b\\c\nd\x01\xC3\xA9";
  CHECK(*parse_json(json_quote(text)).string() == text);
}
