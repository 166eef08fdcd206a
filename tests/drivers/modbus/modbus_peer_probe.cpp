#include <cstdlib>
#include <vector>

#include <doctest/doctest.h>

#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/tcp_bus.hpp"
#include "proto/base/system_clock.hpp"

// Run by peer_test.py, which starts the servers and tells where they are.
using namespace davy;

namespace {

constexpr std::uint8_t unit = 17;
constexpr Duration timeout{2000};

std::uint16_t expected(RegisterTable table, std::uint16_t address) {
  const auto t = static_cast<unsigned>(table);
  if (is_bits(table)) return (address / t) % 3 == 0 ? 1 : 0;
  return static_cast<std::uint16_t>(t * 1000 + address * 7U);
}

// The server may still be starting: a few time-outs are no failure.
void wait_until_it_answers(RegisterBus& bus) {
  std::vector<std::uint16_t> out(1);
  BusReply reply;
  for (int i = 0; i < 10; ++i) {
    reply =
        bus.read({.unit = unit, .table = RegisterTable::holding, .count = 1, .reply_timeout = timeout}, out);
    if (reply.ok()) return;
  }
  FAIL(reply.message);
}

void read_everything(RegisterBus& bus) {
  wait_until_it_answers(bus);
  for (const auto table :
       {RegisterTable::coil, RegisterTable::discrete_input, RegisterTable::holding, RegisterTable::input}) {
    for (const std::uint16_t count : std::vector<std::uint16_t>{1, 2, 7, 8, 9, 100, 125}) {
      constexpr std::uint16_t first = 3;
      std::vector<std::uint16_t> out(count);
      const BusReply reply = bus.read(
          {.unit = unit, .table = table, .address = first, .count = count, .reply_timeout = timeout}, out);
      CAPTURE(reply.message);
      CHECK(reply.ok());
      int wrong = 0;
      for (std::uint16_t i = 0; i < count; ++i) {
        if (out[i] != expected(table, static_cast<std::uint16_t>(first + i))) ++wrong;
      }
      CHECK(wrong == 0);
    }
  }
  std::vector<std::uint16_t> out(2);
  const RegisterRead beyond{
      .unit = unit, .table = RegisterTable::holding, .address = 199, .count = 2, .reply_timeout = timeout};
  CHECK(bus.read(beyond, out).exception == 2);
}

}  // namespace

TEST_CASE("peer: pymodbus over a serial line is read in all four tables") {
  const char* port = std::getenv("DAVY_PEER_RTU");
  REQUIRE(port != nullptr);
  RtuBus bus{{port, {.baud = 19200}}};
  read_everything(bus);
}

TEST_CASE("peer: pymodbus over TCP is read in all four tables") {
  const char* port = std::getenv("DAVY_PEER_TCP");
  REQUIRE(port != nullptr);
  const SystemClock clock;
  TcpBus bus{{"127.0.0.1", static_cast<std::uint16_t>(std::atoi(port))}, clock};
  read_everything(bus);
}
