#include "proto/model/range_set.hpp"

#include <limits>
#include <random>
#include <set>

#include <doctest/doctest.h>

using davy::Range;
using davy::RangeSet;

TEST_CASE("range set: agrees with a plain set under random adds and removes") {
  std::mt19937_64 random{7};
  for (int round = 0; round < 200; ++round) {
    RangeSet ranges;
    std::set<std::uint64_t> plain;
    for (int step = 0; step < 60; ++step) {
      const std::uint64_t first = random() % 64;
      const Range range{first, first + random() % 9};
      const bool adding = random() % 3 != 0;
      bool was_new = false;
      for (auto n = range.first; n <= range.last; ++n) {
        if (adding) was_new |= plain.insert(n).second;
        if (!adding) plain.erase(n);
      }
      if (adding) CHECK(ranges.add(range) == was_new);
      if (!adding) ranges.remove(range);
      for (std::uint64_t n = 0; n < 80; ++n) {
        REQUIRE(ranges.contains(n) == plain.contains(n));
        const auto around = ranges.containing(n);
        REQUIRE(around.has_value() == plain.contains(n));
        if (!around) continue;
        REQUIRE((around->first <= n && n <= around->last));
        REQUIRE((!plain.contains(around->first - 1) && !plain.contains(around->last + 1)));
      }
      REQUIRE(ranges.member_count() == plain.size());
    }
    // Ranges neither overlap nor touch, and holes are exactly what is missing.
    std::uint64_t missing = 0;
    for (const Range& hole : ranges.holes({0, 79})) {
      for (auto n = hole.first; n <= hole.last; ++n, ++missing) CHECK_FALSE(plain.contains(n));
    }
    CHECK(missing + plain.size() == 80);
    const auto list = ranges.ranges();
    for (std::size_t i = 1; i < list.size(); ++i) CHECK(list[i].first > list[i - 1].last + 1);
  }
}

TEST_CASE("range set: the top of the number space does not wrap") {
  constexpr auto top = std::numeric_limits<std::uint64_t>::max();
  RangeSet ranges;
  CHECK(ranges.add(Range{top - 1, top}));
  CHECK(ranges.add(0));
  CHECK(ranges.range_count() == 2);
  CHECK_FALSE(ranges.add(top));
  ranges.remove({top, top});
  CHECK(ranges.contains(top - 1));
  CHECK_FALSE(ranges.contains(top));
}
