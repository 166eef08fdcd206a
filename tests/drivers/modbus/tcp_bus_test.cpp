#include "drivers/modbus/tcp_bus.hpp"

#include <array>

#include <doctest/doctest.h>

#include "proto/base/system_clock.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"

using namespace davy;
using namespace davy::test;

namespace {

const SystemClock system_clock;
constexpr Duration patient{3000};
constexpr Duration brief{60};

RegisterRead two_registers(Duration timeout = patient, std::uint8_t unit = 1) {
  return {.unit = unit, .table = RegisterTable::holding, .address = 5, .count = 2, .reply_timeout = timeout};
}

Bytes frame(std::uint8_t transaction, Bytes unit_and_pdu) {
  return Bytes{0, transaction, 0, 0, 0, static_cast<std::uint8_t>(unit_and_pdu.size())} + unit_and_pdu;
}
Bytes reply_of(std::uint8_t transaction, std::uint8_t first, std::uint8_t second, std::uint8_t unit = 1) {
  return frame(transaction, {unit, 3, 4, 0, first, 0, second});
}

using Pair = std::array<std::uint16_t, 2>;

}  // namespace

TEST_CASE("tcp: requests are numbered, replies unpacked, one connection serves many") {
  ScriptedServer server{{{reply_of(1, 7, 9)}, {reply_of(2, 5, 6)}}};
  TcpBus bus{{"127.0.0.1", server.port()}, system_clock};
  Pair out{};
  const BusReply reply = bus.read(two_registers(), out);
  CAPTURE(reply.message);
  CHECK(reply.ok());
  CHECK(out == Pair{7, 9});
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(out == Pair{5, 6});
  CHECK(server.connections() == 1);
  CHECK(server.seen()[0] == Bytes{0, 1, 0, 0, 0, 6, 1, 3, 0, 5, 0, 2});
  CHECK(server.seen()[1][1] == 2);
}

TEST_CASE("tcp: a write is answered by its repetition; anything else and the connection is given up") {
  const RegisterWrite coil{
      .unit = 1, .table = RegisterTable::coil, .address = 9, .value = 1, .reply_timeout = patient};
  ScriptedServer server{
      {{frame(1, {1, 5, 0, 9, 0xFF, 0})}, {frame(2, {1, 5, 0, 9, 0, 0})}, {frame(3, {1, 0x85, 2})}}};
  TcpBus bus{{"127.0.0.1", server.port()}, system_clock};
  CHECK(bus.write(coil).ok());
  CHECK(server.seen()[0] == Bytes{0, 1, 0, 0, 0, 6, 1, 5, 0, 9, 0xFF, 0});
  CHECK(bus.write(coil).fault == BusFault::malformed);
  CHECK(bus.write(coil).exception == 2);
  CHECK(server.connections() == 2);
}

TEST_CASE("tcp: a late reply is dropped by its number, and the connection is kept") {
  ScriptedServer server{{{}, {reply_of(1, 66, 66) + reply_of(2, 5, 6)}}};
  TcpBus bus{{"127.0.0.1", server.port()}, system_clock};
  Pair out{};
  CHECK(bus.read(two_registers(brief), out).fault == BusFault::timeout);
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(out == Pair{5, 6});
  CHECK(server.connections() == 1);
}

TEST_CASE("tcp: what can go wrong is told apart, and the next read works again") {
  Bytes other_protocol = reply_of(1, 7, 9);
  other_protocol[3] = 9;
  Bytes wrong_length = reply_of(1, 7, 9);
  wrong_length[5] = 9;
  struct Row {
    const char* title;
    Action action;
    BusFault fault;
    int connections;
  };
  const Row rows[] = {
      {"silence", {}, BusFault::timeout, 1},
      {"another unit", {reply_of(1, 7, 9, 2)}, BusFault::wrong_unit, 1},
      {"an exception", {frame(1, {1, 0x83, 0x0B})}, BusFault::exception, 1},
      {"another function", {frame(1, {1, 4, 4, 0, 7, 0, 9})}, BusFault::malformed, 2},
      {"fewer registers", {frame(1, {1, 3, 2, 0, 7})}, BusFault::malformed, 2},
      {"no Modbus frame", {other_protocol}, BusFault::malformed, 2},
      {"a length that is not true", {wrong_length}, BusFault::short_frame, 2},
      {"cut off", {Bytes{0, 1, 0, 0, 0, 7, 1, 3}}, BusFault::short_frame, 2},
      {"hung up", {{}, true}, BusFault::port_lost, 2},
      {"hung up in the middle", {Bytes{0, 1, 0, 0, 0, 7, 1, 3, 4}, true}, BusFault::port_lost, 2},
  };
  for (const Row& r : rows) {
    CAPTURE(r.title);
    ScriptedServer server{{r.action, {reply_of(2, 7, 9)}}};
    TcpBus bus{{"127.0.0.1", server.port()}, system_clock};
    Pair out{1, 2};
    const BusReply reply = bus.read(two_registers(r.fault == BusFault::timeout ? brief : patient), out);
    CAPTURE(reply.message);
    CHECK(reply.fault == r.fault);
    CHECK(out == Pair{1, 2});
    CHECK(bus.read(two_registers(), out).ok());
    CHECK(out == Pair{7, 9});
    CHECK(server.connections() == r.connections);
  }
}

TEST_CASE("tcp: a connection the device closed while idle costs no reading") {
  ScriptedServer server{{{reply_of(1, 7, 9), true}, {reply_of(2, 5, 6)}}};
  TcpBus bus{{"127.0.0.1", server.port()}, system_clock};
  Pair out{};
  CHECK(bus.read(two_registers(), out).ok());
  // Should the goodbye still be on its way, this read says port_lost and the next one finds a connection
  // again.
  if (!bus.read(two_registers(), out).ok()) bus.read(two_registers(brief), out);
  CHECK(server.connections() == 2);
}

TEST_CASE("tcp: after three time-outs in a row the connection is made anew") {
  ScriptedServer server{{{}, {}, {}, {reply_of(4, 5, 6)}}};
  TcpBus bus{{"127.0.0.1", server.port()}, system_clock};
  Pair out{};
  for (int i = 0; i < 3; ++i) CHECK(bus.read(two_registers(brief), out).fault == BusFault::timeout);
  CHECK(server.connections() == 1);
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(server.connections() == 2);
}

TEST_CASE("tcp: nobody there, and a name nobody knows, are told apart") {
  std::uint16_t free_port = 0;
  { free_port = ScriptedServer{{}}.port(); }
  Pair out{};
  TcpBus refused{{"127.0.0.1", free_port}, system_clock};
  const BusReply reply = refused.read(two_registers(), out);
  CHECK(reply.fault == BusFault::port_lost);
  CHECK(reply.message.find("refused") != std::string::npos);
  TcpBus unknown{{"no-such-host.invalid", 502}, system_clock};
  CHECK(unknown.read(two_registers(), out).message.find("no address is known") != std::string::npos);
}
