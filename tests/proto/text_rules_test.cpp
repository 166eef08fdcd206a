#include "proto/wire/text_rules.hpp"

#include <doctest/doctest.h>

using namespace davy;

TEST_CASE("utf-8: only what every reader takes the same way") {
  for (const char* good : {"", "a", "ä", "甲烷", "😀", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xe7\x94", "a\xc3"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("names: what people can tell apart, in any script") {
  for (const char* good : {"a", "N1201-T0", "局扇-1", "gw_2.3:4", "é"}) {
    CAPTURE(good);
    CHECK(is_name(good));
  }
  for (const char* bad : {"", "a b", " a", "a/b", "a\"b", "a,b", "a\n", "a#", "a+", "a\\b", "a\xc2\xa0",
                          "a\xe2\x80\x8b", "a\xe2\x80\xae", "a\xe3\x80\x80", "a\xef\xbb\xbf", "a\xff"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_name(bad));
  }
  CHECK(is_name(std::string(64, 'a')));
  CHECK_FALSE(is_name(std::string(65, 'a')));
}

TEST_CASE("names: a gateway's own points have its name before a slash") {
  for (const char* good : {"N1201-T0", "G-12/link", "北翼/bus-1-errors"}) {
    CAPTURE(good);
    CHECK(is_point_name(good));
  }
  for (const char* bad : {"", "/", "/link", "G-12/", "G-12//link", "a/b/c", "a b/c"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_point_name(bad));
  }
}

TEST_CASE("texts: cleaned ones are texts, and clean ones stay as they are") {
  CHECK(clean_text("甲烷 1.0 %") == "甲烷 1.0 %");
  CHECK(clean_text("a\xff\x80z\n\t\x7f") == "a??z   ");
  CHECK(clean_text("甲烷", 5) == "甲");  // never half a character
  CHECK(clean_text("abc", 0).empty());
  CHECK_FALSE(is_text("a\n"));
  CHECK_FALSE(is_text("abc", 2));
  std::string bytes;
  for (int i = 0; i < 4000; ++i) bytes += static_cast<char>(i * 37 + i / 7);
  for (std::size_t size = 0; size < 300; ++size) CHECK(is_text(clean_text(bytes, size), size));
}
