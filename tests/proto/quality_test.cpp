#include "proto/model/quality.hpp"

#include <doctest/doctest.h>

using namespace davy;

TEST_CASE("quality: every code either names a state that packs back to it, or is refused") {
  int known = 0;
  for (unsigned code = 0; code <= 0xFFFF; ++code) {
    Quality q;
    if (!unpack(static_cast<std::uint16_t>(code), q)) continue;
    ++known;
    CHECK(pack(q) == code);
  }
  CHECK(known == 7 * 6 * 4 * 4);
}

TEST_CASE("quality: only a good reading from an untouched sensor may clear") {
  for (int v = 0; v <= static_cast<int>(Validity::not_read); ++v) {
    for (int m = 0; m <= static_cast<int>(Maintenance::forced); ++m) {
      const Quality q{static_cast<Validity>(v), static_cast<Maintenance>(m), LimitState::none, Feed::none};
      CHECK(may_clear(q) == (v == 0 && m == 0));
    }
  }
}
