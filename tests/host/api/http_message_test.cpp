#include "host/api/http_message.hpp"

#include <random>

#include <doctest/doctest.h>

#include "host/api/json_body.hpp"

using namespace davy;

TEST_CASE("http: paths and queries are decoded once, and rubbish is refused") {
  HttpRequest r;
  REQUIRE(split_target("/api/v1/trend?point=3&x=a%20b+c&x=2&&flag", r));
  CHECK(r.path == "/api/v1/trend");
  CHECK(r.query.at("point") == "3");
  CHECK(r.query.at("x") == "a b c");
  CHECK(r.query.at("flag").empty());
  REQUIRE(split_target("/%e4%b8%80%2F..%252e", r));
  CHECK(r.path == "/一/..%2e");
  CHECK(r.query.empty());
  for (const char* bad : {"", "x", "http://elsewhere/", "*", "/%", "/%2", "/%zz", "/%00"}) {
    CAPTURE(bad);
    CHECK_FALSE(split_target(bad, r));
  }
  REQUIRE(split_target("/p?a=%", r));
  CHECK_FALSE(r.query_ok);
}

TEST_CASE("http: cookies") {
  CHECK(cookie_value("davy_session=abc", "davy_session") == "abc");
  CHECK(cookie_value("a=1; davy_session=x=y ;b", "davy_session") == "x=y");
  CHECK(cookie_value("xdavy_session=abc", "davy_session").empty());
  CHECK(cookie_value("", "davy_session").empty());
  CHECK(cookie_value(";;=;", "davy_session").empty());
}

TEST_CASE("http: only our own origin is ours") {
  const auto same = [](const char* origin, const char* host) {
    return same_origin({.host = host, .origin = origin});
  };
  CHECK(same("", "desk:8443"));
  CHECK(same("https://desk:8443", "desk:8443"));
  CHECK(same("https://DESK:8443", "desk:8443"));
  CHECK_FALSE(same("https://desk", "desk:8443"));
  CHECK_FALSE(same("http://desk:8443", "desk:8443"));
  CHECK_FALSE(same("https://evil", "desk:8443"));
  CHECK_FALSE(same("https://desk:8443.evil", "desk:8443"));
  CHECK_FALSE(same("null", "desk:8443"));
  CHECK_FALSE(same("https://", ""));
  CHECK(is_json("application/json; charset=utf-8"));
  CHECK_FALSE(is_json("text/plain"));
  CHECK_FALSE(is_json("application/jsonp"));
  CHECK_FALSE(is_json(""));
}

TEST_CASE("http: what is no UTF-8 becomes readable, what is stays") {
  CHECK(clean_utf8("一 ok \xF0\x9F\x94\xA5") == "一 ok \xF0\x9F\x94\xA5");
  for (const char* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe4\xb8", "\x80"}) {
    CHECK(clean_utf8(bad).find("\xEF\xBF\xBD") == 0);
  }
}

TEST_CASE("json body: wrong bodies are refused in words") {
  CHECK(parse_object("{\"seq\":1}"));
  for (const char* bad : {"", "[]", "1", "null", "{", "{\"a\":1}x", "{a:1}", "\xff", "{\"a\":\"\xff\"}"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_object(bad));
  }
  CHECK_FALSE(parse_object(std::string(60'000, '[')));
  const auto o =
      parse_object(R"({"t":"x","n":-1,"f":1.5,"b":18446744073709551615,"z":"a\u0000b","s":7.0,"nil":null})");
  REQUIRE(o);
  CHECK(text_field(*o, "t", 10) == "x");
  CHECK_FALSE(text_field(*o, "t", 0));
  CHECK_FALSE(text_field(*o, "n", 10));
  CHECK_FALSE(text_field(*o, "z", 10));
  CHECK_FALSE(text_field(*o, "missing", 10));
  CHECK(text_field(*o, "missing", 10, "none") == "none");
  CHECK(text_field(*o, "nil", 10, "none") == "none");
  CHECK_FALSE(whole_field(*o, "n"));
  CHECK_FALSE(whole_field(*o, "f"));
  CHECK_FALSE(whole_field(*o, "t"));
  CHECK(whole_field(*o, "b") == 18446744073709551615U);
}

TEST_CASE("json body: mutated bodies never do harm") {
  std::mt19937 random{1};
  const std::string good = R"({"seq":12,"comment":"gas drained \u4e00","x":[1,2,{"y":null}]})";
  for (int i = 0; i < 5000; ++i) {
    std::string body = good;
    for (auto n = random() % 6; n > 0 && !body.empty(); --n) {
      const auto at = random() % body.size();
      if (random() % 3 == 0) {
        body.erase(at, random() % 5);
      } else {
        body[at] = static_cast<char>(random());
      }
    }
    const auto object = parse_object(body);
    if (!object) continue;
    static_cast<void>(whole_field(*object, "seq"));
    static_cast<void>(text_field(*object, "comment", 20, ""));
    HttpRequest request;
    static_cast<void>(split_target("/" + body, request));
    static_cast<void>(cookie_value(body, "x"));
  }
}
