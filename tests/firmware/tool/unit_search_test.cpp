#include "firmware/tool/unit_search.hpp"

#include <doctest/doctest.h>

#include "drivers/simulated/simulated_bus.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

using T = RegisterTable;
constexpr Duration wait{100};

bool go_on(std::uint8_t, T, std::size_t, std::size_t) { return true; }

struct Bench {
  ManualClock clock;
  SimulatedBus bus{clock};
  UnitSearch search{bus, wait};
};

}  // namespace

TEST_CASE("search: registers and exceptions are answers, silence is none") {
  Bench bench;
  bench.bus.set(3, T::holding, 0, 42);
  bench.bus.set(5, T::input, 9, 42);  // register 0 is refused with exception 2
  const auto found = bench.search.run({1, 3, 5, 7}, go_on);
  REQUIRE(found.size() == 2);
  CHECK(found[0].unit == 3);
  CHECK(found[0].replies.at(T::holding).ok());
  CHECK(found[0].replies.at(T::coil).exception == 2);
  CHECK(found[1].unit == 5);
  // Every table of a found one, once; of a silent one the two tables of registers.
  CHECK(bench.bus.requests().size() == 2 * 4 + 2 * 2);
}

TEST_CASE("search: a unit whose answers are all damaged is told as doubled") {
  Bench bench;
  bench.bus.set(3, T::holding, 0, 42);
  bench.bus.fail(3, BusFault::crc);
  const auto found = bench.search.run({3}, go_on);
  REQUIRE(found.size() == 1);
  CHECK(found[0].damaged);
  CHECK(found_text(found).find("two devices may have this address") != std::string::npos);
}

TEST_CASE("search: an answer that is damaged once is asked again") {
  Bench bench;
  bench.bus.set(3, T::holding, 0, 42);
  bench.bus.fail(3, BusFault::crc, 1);
  const auto found = bench.search.run({3}, go_on);
  REQUIRE(found.size() == 1);
  CHECK(!found[0].damaged);
}

TEST_CASE("search: a gateway's word that nobody is there is no answer") {
  Bench bench;
  bench.bus.set(3, T::holding, 0, 42);
  bench.bus.fail(3, BusFault::exception, UINT32_MAX, 11);
  CHECK(bench.search.run({3}, go_on).empty());
}

TEST_CASE("search: it ends when it is told to, with what it has") {
  Bench bench;
  for (std::uint8_t unit = 1; unit <= 3; ++unit) bench.bus.set(unit, T::holding, 0, 42);
  std::size_t told = 0;
  const auto found = bench.search.run({1, 2, 3}, [&](std::uint8_t unit, T, std::size_t, std::size_t steps) {
    ++told;
    CHECK(steps == 6);
    return unit < 3;
  });
  CHECK(found.size() == 2);
  CHECK(told == 3);
}

TEST_CASE("search: a lost port ends it") {
  Bench bench;
  bench.bus.fail_all(BusFault::port_lost);
  CHECK(bench.search.run({1, 2, 3}, go_on).empty());
  CHECK(bench.search.port_lost());
  CHECK(bench.bus.requests().size() == 1);
}
