#include "drivers/modbus/modbus_device.hpp"

#include <cmath>

#include <doctest/doctest.h>

#include "drivers/api/read_round.hpp"
#include "drivers/simulated/simulated_bus.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

constexpr auto input = RegisterTable::input;

// CH4 with a status word beside it, CO far away without one.
DeviceProfile two_gases() {
  DeviceProfile p;
  p.gap_registers_max = 0;
  p.signals = {{.name = "ch4", .table = input, .address = 0, .encoding = Encoding::u16, .scale = 0.01},
               {.name = "co", .table = input, .address = 50, .encoding = Encoding::u16}};
  p.statuses = {{.table = RegisterTable::holding,
                 .address = 7,
                 .applies_to = {"ch4"},
                 .bits = {{.number = 0, .means = QualityFlag::calibrating}}}};
  return p;
}

struct Bench {
  ManualClock clock;
  SimulatedBus bus{clock};
  BusSettings settings{.endpoint = TcpSettings{"127.0.0.1"}};
  DeviceSettings device_settings{.name = "head",
                                 .unit = 5,
                                 .reply_timeout = Duration{200},
                                 .points = {{0, 1}, {1, 0}}};  // the configuration's order: co, ch4
  DeviceProfile profile = two_gases();
  ModbusDevice device{settings, device_settings, profile};
  std::unique_ptr<DeviceRound> round = device.make_round(std::array{0U, 1U});
  std::array<Reading, 2> out;

  DeviceReport read() {
    const RoundResult result = read_round(bus, *round, clock);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = result.readings[i].reading;
    return result.report;
  }

  Bench() {
    bus.set(5, input, 0, 85);
    bus.set(5, input, 50, 12);
    bus.set(5, RegisterTable::holding, 7, 0);
  }
};

}  // namespace

TEST_CASE("device: readings come in the order of the configured points") {
  Bench b;
  const DeviceReport report = b.read();
  CHECK(b.out[0].value == 12);
  CHECK(b.out[1].value == 0.85);
  CHECK(b.out[1].quality == Quality{});
  CHECK(report.requests == 3);
  CHECK(report.failed == 0);
  CHECK(report.answered());
  CHECK(report.message.empty());
  REQUIRE(b.bus.requests().size() == 3);
  CHECK(b.bus.requests()[0].unit == 5);
  CHECK(b.bus.requests()[0].reply_timeout == Duration{200});
}

TEST_CASE("device: a status bit reaches the quality of its signal and of no other") {
  Bench b;
  b.bus.set(5, RegisterTable::holding, 7, 1);
  b.read();
  CHECK(b.out[1].quality == Quality{.maintenance = Maintenance::calibrating});
  CHECK(b.out[0].quality == Quality{});
}

TEST_CASE("device: a refused request costs only the signals that need it") {
  Bench b;
  b.bus.remove(5);
  b.bus.set(5, input, 50, 12);
  b.bus.set(5, input, 0, 85);  // but no status word: exception 2
  const DeviceReport report = b.read();
  CHECK(b.out[0].value == 12);
  CHECK(b.out[0].quality == Quality{});
  CHECK(b.out[1].quality.validity == Validity::bad_comm);  // nobody knows whether it is being calibrated
  CHECK(std::isnan(b.out[1].value));
  CHECK(report.requests == 3);
  CHECK(report.failed == 1);
  CHECK(report.last_fault == BusFault::exception);
  CHECK(report.answered());
}

TEST_CASE(
    "device: after a time-out or a lost port the rest of the round is not tried, after other faults it is") {
  struct Row {
    BusFault fault;
    std::uint32_t requests;
  };
  constexpr Row rows[] = {{BusFault::timeout, 1},    {BusFault::port_lost, 1},   {BusFault::crc, 3},
                          {BusFault::wrong_unit, 3}, {BusFault::short_frame, 3}, {BusFault::exception, 3},
                          {BusFault::malformed, 3}};
  for (const Row& r : rows) {
    Bench b;
    b.bus.fail(5, r.fault);
    const DeviceReport report = b.read();
    CAPTURE(report.message);
    CHECK(report.requests == r.requests);
    CHECK(report.failed == r.requests);
    CHECK(report.last_fault == r.fault);
    CHECK_FALSE(report.answered());
    for (const Reading& reading : b.out) CHECK(reading.quality.validity == Validity::bad_comm);
    CHECK((report.message.find("2 more request(s) of this round not tried") != std::string::npos) ==
          (r.requests == 1));
  }
}

TEST_CASE("device: old registers are never shown after a failed read") {
  Bench b;
  b.read();
  b.bus.fail(5, BusFault::crc, 3);
  b.read();
  CHECK(b.out[0].quality.validity == Validity::bad_comm);
  CHECK(std::isnan(b.out[0].value));
  b.read();
  CHECK(b.out[0].value == 12);
}
