#include "drivers/can/can_watch.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "drivers/can/fake_can_bus.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

// Methane 200 ms, three periods; a service message with pages.
struct Bench {
  Dbc dbc = *read_dbc("tests/golden/can/gas_head.dbc");
  ManualClock clock;
  FakeCanBus bus;
  CanWatch watch;
  std::array<CanArrival, 8> out;

  static constexpr std::size_t methane = 0;
  static constexpr std::size_t supply = 1;
  static constexpr std::size_t serial = 2;
  static constexpr std::size_t oxygen = 3;

  Bench() : watch{wanted(), clock.steady()} {}

  std::vector<WantedSignal> wanted() {
    return {*want(dbc, "Gas", "Methane", {}, 3), *want(dbc, "Service", "Supply", {}, 3),
            *want(dbc, "Service", "Serial", Duration{60'000}, 2), *want(dbc, "Gas", "Oxygen", {}, 3)};
  }
  void step() {
    const CanReport report = bus.read(out, Duration{0});
    watch.take(report, std::span{out}.first(report.frames));
  }
  void gas(unsigned hundredths) {
    bus.put(classic_frame({.number = 647}, hundredths & 0xFFU, hundredths >> 8U, 0, 0, 0x0D, 0x10, 0, 0),
            read(clock));
  }
  CanReading at(std::size_t signal) const { return watch.reading(signal, clock.steady()); }
};

}  // namespace

TEST_CASE("can watch: a value comes with the time of the frame that carried it") {
  Bench b;
  CHECK(b.at(Bench::methane).validity == Validity::not_read);
  b.gas(85);
  const WallTime sent = b.clock.wall();
  b.clock.advance(Duration{150});
  b.step();
  const CanReading reading = b.at(Bench::methane);
  CHECK(reading.validity == Validity::good);
  CHECK(reading.value == doctest::Approx(0.85));
  CHECK(reading.arrived == sent);
  CHECK(b.at(Bench::oxygen).value == doctest::Approx(20.9));
  CHECK(b.at(Bench::supply).validity == Validity::not_read);
}

TEST_CASE("can watch: silence is bad_comm with no value, and ends by itself") {
  Bench b;
  b.gas(85);
  b.step();
  CHECK(b.watch.next_due(b.clock.steady()) == b.clock.steady() + Duration{601});
  b.clock.advance(Duration{600});
  CHECK(b.at(Bench::methane).validity == Validity::good);
  b.clock.advance(Duration{1});
  CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
  CHECK(std::isnan(b.at(Bench::methane).value));
  CHECK(b.at(Bench::methane).arrived == WallTime{});
  b.gas(90);
  b.step();
  CHECK(b.at(Bench::methane).validity == Validity::good);
  CHECK(b.at(Bench::methane).value == doctest::Approx(0.9));
}

TEST_CASE("can watch: a frame that waited too long to be read is as old as it is") {
  Bench b;
  b.gas(85);
  b.clock.advance(Duration{5000});
  b.step();
  CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
}

TEST_CASE("can watch: what was never heard is not read, then missing") {
  Bench b;
  b.clock.advance(Duration{600});
  CHECK(b.at(Bench::methane).validity == Validity::not_read);
  CHECK(b.watch.next_due(b.clock.steady()) == b.clock.steady() + Duration{1});
  b.clock.advance(Duration{1});
  CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
  CHECK(b.at(Bench::serial).validity == Validity::not_read);
}

TEST_CASE("can watch: each page of a multiplexed message has its own silence") {
  Bench b;
  b.bus.put(classic_frame({.number = 0x18FEEFFE, .extended = true}, 0, 1, 2, 0, 0, 0, 0, 0), read(b.clock));
  b.step();
  CHECK(b.at(Bench::serial).value == 0x0201);
  for (int i = 0; i < 10; ++i) {  // the other page only
    b.bus.put(classic_frame({.number = 0x18FEEFFE, .extended = true}, 1, 0, 0, 0xC0, 0x41, 0, 0, 0),
              read(b.clock));
    b.step();
    b.clock.advance(Duration{1000});
  }
  CHECK(b.at(Bench::supply).value == 24);
  CHECK(b.at(Bench::serial).validity == Validity::good);
  b.clock.advance(Duration{111'000});
  CHECK(b.at(Bench::serial).validity == Validity::bad_comm);
}

TEST_CASE("can watch: a frame too short refreshes only what is in it") {
  Bench b;
  b.gas(85);
  b.step();
  for (int i = 0; i < 4; ++i) {
    b.clock.advance(Duration{200});
    b.bus.put(classic_frame({.number = 647}, 86, 0), read(b.clock));
    b.step();
  }
  CHECK(b.at(Bench::methane).value == doctest::Approx(0.86));
  CHECK(b.at(Bench::oxygen).validity == Validity::bad_comm);
}

TEST_CASE("can watch: off the bus, everything is bad_comm at once, until a frame comes") {
  Bench b;
  for (const CanCondition condition : {CanCondition::bus_off, CanCondition::port_lost}) {
    b.bus.set(CanCondition::active);
    b.gas(85);
    b.step();
    CHECK(b.at(Bench::methane).validity == Validity::good);
    b.bus.set(condition);
    b.step();
    CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
    CHECK(b.at(Bench::serial).validity == Validity::bad_comm);
    b.bus.set(CanCondition::active);
    b.step();
    CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
  }
}

TEST_CASE("can watch: a short time off the bus forgets what came before, not what comes with the news") {
  Bench b;
  b.gas(85);
  b.step();
  const CanReport back{.condition = CanCondition::active, .worst = CanCondition::bus_off};
  b.watch.take(back, {});
  CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
  const CanArrival fresh{classic_frame({.number = 647}, 90, 0), read(b.clock)};
  b.watch.take(back, {&fresh, 1});
  CHECK(b.at(Bench::methane).value == doctest::Approx(0.9));
  b.watch.take({.condition = CanCondition::bus_off, .worst = CanCondition::bus_off}, {&fresh, 1});
  CHECK(b.at(Bench::methane).validity == Validity::bad_comm);
}

TEST_CASE("can watch: a sensor's NaN is a sensor fault; another id and a request are nothing") {
  Bench b;
  b.bus.put(classic_frame({.number = 0x18FEEFFE, .extended = true}, 1, 0, 0, 0xC0, 0x7F, 0, 0, 0),
            read(b.clock));
  b.bus.put(classic_frame({.number = 647, .extended = true}, 1, 1, 1, 1, 1, 1, 1, 1), read(b.clock));
  CanFrame asked = classic_frame({.number = 647});
  asked.remote = true;
  b.bus.put(asked, read(b.clock));
  b.step();
  CHECK(b.at(Bench::supply).validity == Validity::sensor_fault);
  CHECK(std::isnan(b.at(Bench::supply).value));
  CHECK(b.at(Bench::methane).validity == Validity::not_read);
}

TEST_CASE("can watch: a parameter group is heard from any sender, and the kernel is told to pass it") {
  Bench b;
  auto wanted = b.wanted();
  for (WantedSignal& one : wanted) one.filter = group_filter(parameter_group(0x18FEEFFE));
  wanted.erase(wanted.begin());
  CanWatch watch{std::span{wanted}.first(2), b.clock.steady()};
  REQUIRE(watch.filters().size() == 1);
  CHECK(watch.filters()[0].passes({.number = 0x0CFEEF21, .extended = true}));
  const CanArrival other{classic_frame({.number = 0x0CFEEF21, .extended = true}, 0, 7, 0, 0, 0, 0, 0, 0),
                         read(b.clock)};
  watch.take(CanReport{}, {&other, 1});
  CHECK(watch.reading(1, b.clock.steady()).value == 7);
  CHECK(b.watch.filters().size() == 2);
}

TEST_CASE("can watch: a wanted signal that cannot be had is refused with its name") {
  const Dbc dbc = *read_dbc("tests/golden/can/gas_head.dbc");
  struct Row {
    const char* message;
    const char* signal;
    const char* told;
  };
  for (const Row& row :
       {Row{"Gaz", "Methane", "there is no message Gaz"},
        Row{"Gas", "Methan", "there is no signal Methan in message Gas; it has Methane, Carbon"},
        Row{"Wind", "Speed", "nothing says how often message Wind is sent"}}) {
    const auto wanted = want(dbc, row.message, row.signal, {}, 3);
    REQUIRE_FALSE(wanted.has_value());
    CHECK(wanted.error().code == Errc::bad_config);
    CHECK(wanted.error().message.find(row.told) == 0);
  }
  CHECK(want(dbc, "Wind", "Speed", Duration{500}, 3)->silence_max == Duration{1500});
}
