#include "drivers/modbus/modbus_output.hpp"

#include <doctest/doctest.h>

#include "drivers/simulated/simulated_bus.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;
using T = RegisterTable;

TEST_CASE("modbus output: set and read back, by coil, register or a contact of the relay") {
  struct Row {
    ModbusOutputSettings settings;
    std::uint16_t on, off;  // what is written
  };
  const Row rows[] = {
      {{.unit = 4, .table = T::coil, .address = 2, .read_back_table = T::coil, .read_back_address = 2}, 1, 0},
      {{.unit = 4,
        .table = T::holding,
        .address = 2,
        .on_value = 0xA5,
        .off_value = 0x5A,
        .read_back_table = T::holding,
        .read_back_address = 2,
        .read_back_on = 0xA5,
        .read_back_off = 0x5A},
       0xA5,
       0x5A},
  };
  for (const Row& r : rows) {
    const ManualClock clock;
    SimulatedBus bus{clock};
    bus.set(4, r.settings.table, 2, 0);
    ModbusOutput output{bus, r.settings};
    for (const bool on : {true, false, true}) {
      REQUIRE(output.set(on));
      CHECK(bus.writes().back().value == (on ? r.on : r.off));
      CHECK(output.read_back() == on);
    }
  }
}

TEST_CASE("modbus output: the read-back is the device's, not our memory") {
  const ManualClock clock;
  SimulatedBus bus{clock};
  bus.set(4, T::coil, 2, 0);
  bus.set(4, T::discrete_input, 9, 0);
  ModbusOutput output{bus,
                      {.unit = 4,
                       .table = T::coil,
                       .address = 2,
                       .read_back_table = T::discrete_input,
                       .read_back_address = 9,
                       .read_back_on = 0,
                       .read_back_off = 1}};
  REQUIRE(output.set(true));
  CHECK(output.read_back() == true);
  bus.set(4, T::discrete_input, 9, 1);
  CHECK(output.read_back() == false);
  bus.stick(4, T::coil, 2);
  REQUIRE(output.set(false));
  std::array<std::uint16_t, 1> coil{};
  REQUIRE(bus.read({.unit = 4, .table = T::coil, .address = 2, .count = 1}, coil).ok());
  CHECK(coil[0] == 1);
}

TEST_CASE("modbus output: what goes wrong is told, with the unit and what was asked") {
  const ManualClock clock;
  SimulatedBus bus{clock};
  ModbusOutput output{
      bus,
      {.unit = 4, .table = T::holding, .address = 2, .read_back_table = T::holding, .read_back_address = 2}};
  CHECK(output.set(true).error().code == Errc::timeout);
  bus.set(4, T::holding, 1, 0);
  CHECK(output.set(true).error().code == Errc::rejected);
  bus.set(4, T::holding, 2, 7);
  const auto odd = output.read_back();
  REQUIRE_FALSE(odd);
  CHECK(odd.error().message.find("unit 4, holding registers 2: reads 7, neither") != std::string::npos);
  bus.fail_all(BusFault::port_lost);
  CHECK(output.read_back().error().code == Errc::disconnected);
}
