#include "drivers/simulated/simulated_bus.hpp"

#include <array>

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {
constexpr RegisterRead one{.unit = 1, .table = RegisterTable::input, .address = 4, .count = 2};
}

TEST_CASE("simulated bus: silent without a unit, refuses unknown registers, answers known ones") {
  ManualClock clock;
  SimulatedBus bus{clock};
  std::array<std::uint16_t, 2> out{};
  CHECK(bus.read(one, out).fault == BusFault::timeout);
  bus.set(1, RegisterTable::input, 4, 11);
  const BusReply refused = bus.read(one, out);
  CHECK(refused.fault == BusFault::exception);
  CHECK(refused.exception == 2);
  CHECK(out == std::array<std::uint16_t, 2>{});
  bus.set(1, RegisterTable::input, 5, 12);
  CHECK(bus.read(one, out).ok());
  CHECK(out == std::array<std::uint16_t, 2>{11, 12});
  bus.remove(1);
  CHECK(bus.read(one, out).fault == BusFault::timeout);
}

TEST_CASE("simulated bus: faults last as long as asked and hit the unit they are meant for") {
  ManualClock clock;
  SimulatedBus bus{clock};
  for (const std::uint8_t unit : std::array<std::uint8_t, 2>{1, 2}) {
    bus.set(unit, RegisterTable::input, 4, 0);
    bus.set(unit, RegisterTable::input, 5, 0);
  }
  RegisterRead other = one;
  other.unit = 2;
  std::array<std::uint16_t, 2> out{};
  bus.fail(1, BusFault::crc, 2);
  CHECK(bus.read(one, out).fault == BusFault::crc);
  CHECK(bus.read(other, out).ok());
  CHECK(bus.read(one, out).fault == BusFault::crc);
  CHECK(bus.read(one, out).ok());
  bus.fail(1, BusFault::exception, 1, 6);
  CHECK(bus.read(one, out).exception == 6);
  bus.fail_all(BusFault::port_lost);
  CHECK(bus.read(other, out).fault == BusFault::port_lost);
  bus.heal_all();
  CHECK(bus.read(other, out).ok());
  CHECK(bus.requests().size() == 7);
}

TEST_CASE("simulated bus: a unit may answer by itself, by the time of the request") {
  ManualClock clock;
  SimulatedBus bus{clock};
  bus.serve(1, [](const RegisterRead&, SteadyTime now, std::span<std::uint16_t> out) {
    out[0] = static_cast<std::uint16_t>(to_ms(now) % 1000);
    out[1] = 0;
    return BusReply{};
  });
  std::array<std::uint16_t, 2> out{};
  clock.advance(Duration{123});
  CHECK(bus.read(one, out).ok());
  CHECK(out[0] == 123);
}

TEST_CASE(
    "simulated bus: a read costs the time of the wire, a silent unit its time-out, a lost port nothing") {
  ManualClock clock;
  Duration spent{0};
  SimulatedBus bus{clock, {}, [&](Duration d) {
                     spent += d;
                     clock.advance(d);
                   }};
  bus.set(1, RegisterTable::input, 4, 0);
  bus.set(1, RegisterTable::input, 5, 0);
  std::array<std::uint16_t, 2> out{};
  // 9600 8N1: t3.5 3646 us, 8 characters 8334 us, 9 characters 9375 us: 21355 us.
  for (int i = 0; i < 1000; ++i) bus.read(one, out);
  CHECK(spent == Duration{21355});
  spent = {};
  bus.fail(1, BusFault::timeout, 1);
  bus.read(one, out);
  CHECK(spent >= one.reply_timeout);
  spent = {};
  bus.fail_all(BusFault::port_lost);
  bus.read(one, out);
  CHECK(spent == Duration{0});
}
