#include "host/api/login_guard.hpp"

#include <doctest/doctest.h>

using namespace davy;

namespace {
const SteadyTime start = steady_from_ms(1'000'000);
}

TEST_CASE("login guard: a few failures are free, then each try waits longer, up to a bound") {
  LoginGuard guard;
  SteadyTime now = start;
  for (int i = 0; i < 4; ++i) {
    guard.failed("li", "10.0.0.1", now);
    CHECK_FALSE(guard.wait("li", "10.0.0.1", now));
  }
  Duration before{0};
  for (int i = 0; i < 20; ++i) {
    guard.failed("li", "10.0.0.1", now);
    const auto wait = guard.wait("li", "10.0.0.1", now);
    REQUIRE(wait);
    CHECK(*wait >= before);
    before = *wait;
    now += *wait;
    CHECK_FALSE(guard.wait("li", "10.0.0.1", now));
  }
  CHECK(before == Duration{600'000});  // of the address
  CHECK(*guard.wait("wang", "10.0.0.1", now - Duration{1}) == Duration{1});
  SUBCASE("the user is not locked out from elsewhere for long") {
    guard.failed("li", "10.0.0.1", now);
    CHECK(*guard.wait("li", "10.0.0.2", now) == Duration{30'000});
  }
  SUBCASE("the right password ends it") {
    guard.succeeded("li", "10.0.0.1");
    CHECK_FALSE(guard.wait("li", "10.0.0.1", start));
  }
  SUBCASE("half an hour of peace too") {
    now += std::chrono::minutes{31};
    guard.failed("li", "10.0.0.1", now);
    CHECK_FALSE(guard.wait("li", "10.0.0.1", now));
  }
}

TEST_CASE("login guard: thousands of made-up names do not make room for guessing one") {
  LoginGuard guard;
  for (int i = 0; i < 5; ++i) guard.failed("admin", "10.0.0.1", start);
  for (int i = 0; i < 9'990; ++i) guard.failed("x" + std::to_string(i), "10.0.0.2", start + Duration{1});
  CHECK(guard.wait("admin", "10.0.0.3", start));
}
