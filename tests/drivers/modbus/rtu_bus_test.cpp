#include "drivers/modbus/rtu_bus.hpp"

#include <array>
#include <cerrno>
#include <memory>

#include <doctest/doctest.h>
#include <unistd.h>

#include "drivers/modbus/line_timing.hpp"
#include "drivers/modbus/port_errors.hpp"
#include "proto/base/system_clock.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"

using namespace davy;
using namespace davy::test;

namespace {

// Time-outs are real here: long enough for a busy machine where a reply comes, short where none will.
constexpr Duration patient{3000};
constexpr Duration brief{60};

RegisterRead two_registers(std::uint8_t unit = 1, std::uint16_t address = 0, Duration timeout = patient) {
  return {
      .unit = unit, .table = RegisterTable::input, .address = address, .count = 2, .reply_timeout = timeout};
}

// A right reply to two_registers().
Bytes reply_of(std::uint8_t unit, std::uint8_t first, std::uint8_t second) {
  return with_checksum({unit, 4, 4, 0, first, 0, second});
}

RtuSettings port_of(const ScriptedLine& line, SerialSettings serial = {.baud = 115200}) {
  return {line.path(), serial};
}

using Pair = std::array<std::uint16_t, 2>;

}  // namespace

TEST_CASE("rtu: a request goes out with its checksum and its reply is unpacked") {
  ScriptedLine line{{{reply_of(1, 7, 9)}, {with_checksum({1, 0x84, 2})}}};
  RtuBus bus{port_of(line)};
  Pair out{};
  const BusReply reply = bus.read(two_registers(1, 0x10), out);
  CAPTURE(reply.message);
  CHECK(reply.ok());
  CHECK(out == Pair{7, 9});
  CHECK(line.seen()[0].request == with_checksum({1, 4, 0, 0x10, 0, 2}));
  CHECK(bus.read(two_registers(), out).exception == 2);
  CHECK(out == Pair{7, 9});
}

TEST_CASE("rtu: all four functions") {
  struct Row {
    RegisterTable table;
    std::uint16_t count;
    Bytes reply;
    std::vector<std::uint16_t> values;
  };
  const Row rows[] = {{RegisterTable::coil, 10, {1, 1, 2, 0x05, 0x02}, {1, 0, 1, 0, 0, 0, 0, 0, 0, 1}},
                      {RegisterTable::discrete_input, 3, {1, 2, 1, 0x06}, {0, 1, 1}},
                      {RegisterTable::holding, 1, {1, 3, 2, 0xFF, 0xFE}, {0xFFFE}},
                      {RegisterTable::input, 1, {1, 4, 2, 0x01, 0x00}, {0x0100}}};
  for (const Row& r : rows) {
    ScriptedLine line{{{with_checksum(r.reply)}}};
    RtuBus bus{port_of(line)};
    std::vector<std::uint16_t> out(r.count);
    const BusReply reply = bus.read(
        {.unit = 1, .table = r.table, .address = 3, .count = r.count, .reply_timeout = patient}, out);
    CAPTURE(reply.message);
    CHECK(reply.ok());
    CHECK(out == r.values);
  }
}

TEST_CASE("rtu: a coil and a register are written, and what is no answer to a write is told apart") {
  const RegisterWrite coil{
      .unit = 3, .table = RegisterTable::coil, .address = 2, .value = 1, .reply_timeout = patient};
  const RegisterWrite word{
      .unit = 3, .table = RegisterTable::holding, .address = 2, .value = 7, .reply_timeout = patient};
  RegisterWrite unheard = coil;
  unheard.reply_timeout = brief;
  const Bytes good = with_checksum({3, 5, 0, 2, 0xFF, 0});
  Bytes flipped = good;
  flipped[4] ^= 0x10;
  ScriptedLine line{{{good},
                     {with_checksum({3, 6, 0, 2, 0, 7})},
                     {with_checksum({3, 0x85, 4})},
                     {flipped},
                     {with_checksum({3, 6, 0, 2, 0, 8}) + with_checksum({4, 6, 0, 2, 0, 7})},
                     {with_checksum({4, 5, 0, 2, 0xFF, 0}) + good},  // another unit's late answer first
                     {}}};
  RtuBus bus{port_of(line)};
  CHECK(bus.write(coil).ok());
  CHECK(bus.write(word).ok());
  CHECK(bus.write(coil).exception == 4);
  CHECK(bus.write(coil).fault == BusFault::crc);
  RegisterWrite impatient = word;
  impatient.reply_timeout = brief;
  CHECK_FALSE(bus.write(impatient).ok());
  CHECK(bus.write(coil).ok());
  const BusReply silent = bus.write(unheard);
  CHECK(silent.fault == BusFault::timeout);
  CHECK(silent.message.starts_with("unit 3, coil 2 to 1: no reply"));
  CHECK(line.seen()[0].request == good);
  CHECK(line.seen()[1].request == with_checksum({3, 6, 0, 2, 0, 7}));
}

TEST_CASE("rtu: what can go wrong on a wire is told apart, and the next read works again") {
  const Bytes good = reply_of(1, 7, 9);
  Bytes flipped = good;
  flipped[4] ^= 0x10;
  struct Row {
    const char* title;
    Bytes sent;
    BusFault fault;
    const char* says;
  };
  const Row rows[] = {
      {"silence", {}, BusFault::timeout, "no reply within"},
      {"a flipped bit", flipped, BusFault::crc, "checksum"},
      {"cut off", Bytes(good.begin(), good.end() - 3), BusFault::short_frame, "did not end"},
      {"one character", {1}, BusFault::short_frame, "did not end"},
      {"another unit", reply_of(2, 7, 9), BusFault::wrong_unit, "unit 2 answered instead"},
      {"an exception", with_checksum({1, 0x84, 4}), BusFault::exception, "device failure"},
      {"another function", with_checksum({1, 3, 4, 0, 7, 0, 9}), BusFault::malformed, "function code 3"},
      {"fewer registers", with_checksum({1, 4, 2, 0, 7}), BusFault::malformed, "announces 2 bytes"},
      {"garbage", {0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55}, BusFault::crc, "checksum"},
      {"an impossible length", {1, 4, 0xFF, 0, 0, 0, 0, 0, 0}, BusFault::malformed, "too many"},
  };
  for (const Row& r : rows) {
    CAPTURE(r.title);
    ScriptedLine line{{{r.sent}, {good}}};
    RtuBus bus{port_of(line)};
    Pair out{1, 2};
    const bool waits =
        r.fault == BusFault::timeout || r.fault == BusFault::wrong_unit || r.fault == BusFault::malformed;
    const BusReply reply = bus.read(two_registers(1, 0, waits ? brief : patient), out);
    CAPTURE(reply.message);
    CHECK(reply.fault == r.fault);
    CHECK(reply.message.find(r.says) != std::string::npos);
    CHECK(reply.message.starts_with("unit 1, input registers 0 to 1: "));
    CHECK(out == Pair{1, 2});
    CHECK(bus.read(two_registers(), out).ok());
    CHECK(out == Pair{7, 9});
  }
}

TEST_CASE("rtu: a reply that comes late is never the reply to the next request") {
  SUBCASE("it comes before the next request: dropped") {
    ScriptedLine line{{{}, {reply_of(1, 5, 6)}}};
    RtuBus bus{port_of(line)};
    Pair out{};
    CHECK(bus.read(two_registers(1, 0, brief), out).fault == BusFault::timeout);
    line.send(reply_of(1, 66, 66));  // the same unit, function and length
    CHECK(bus.read(two_registers(1, 10), out).ok());
    CHECK(out == Pair{5, 6});
  }
  SUBCASE("it comes after the next request went out to another unit: passed over") {
    ScriptedLine line{{{}, {reply_of(1, 66, 66) + reply_of(2, 5, 6)}}};
    RtuBus bus{port_of(line)};
    Pair out{};
    CHECK(bus.read(two_registers(1, 0, brief), out).fault == BusFault::timeout);
    CHECK(bus.read(two_registers(2), out).ok());
    CHECK(out == Pair{5, 6});
  }
  SUBCASE("it comes instead of the next reply: not taken") {
    ScriptedLine line{{{}, {with_checksum({1, 4, 2, 0, 66})}}};
    RtuBus bus{port_of(line)};
    Pair out{};
    CHECK(bus.read(two_registers(1, 0, brief), out).fault == BusFault::timeout);
    CHECK(bus.read(two_registers(1, 0, brief), out).fault == BusFault::malformed);
    CHECK(out == Pair{});
  }
}

TEST_CASE("rtu: a unit that timed out is left alone for its time-out once more, others are not") {
  ScriptedLine line{{{}, {reply_of(2, 1, 1)}, {reply_of(1, 2, 2)}}};
  RtuBus bus{port_of(line)};
  Pair out{};
  constexpr Duration timeout{200};
  const SteadyTime started = SystemClock{}.steady();
  bus.read(two_registers(1, 0, timeout), out);
  CHECK(bus.read(two_registers(2), out).ok());
  CHECK(bus.read(two_registers(1), out).ok());
  const auto seen = line.seen();
  REQUIRE(seen.size() == 3);
  CHECK(seen[2].came - started >= 2 * timeout);
}

TEST_CASE(
    "rtu: between a reply and the next request there is t3.5 of silence, or the pause a device asks for") {
  constexpr SerialSettings slow{.baud = 1200, .parity = Parity::even};  // t3.5 is 32.1 ms
  ScriptedLine line{{{reply_of(1, 1, 1)}, {reply_of(1, 2, 2)}, {reply_of(1, 3, 3)}}};
  RtuBus bus{port_of(line, slow)};
  Pair out{};
  CHECK(bus.read(two_registers(), out).ok());
  RegisterRead with_pause = two_registers();
  with_pause.pause_after = Duration{90};
  CHECK(bus.read(with_pause, out).ok());
  CHECK(bus.read(two_registers(), out).ok());
  const auto seen = line.seen();
  REQUIRE(seen.size() == 3);
  constexpr Duration rounding{1};
  CHECK(seen[1].came - seen[0].answered + rounding >= frame_silence(slow));
  CHECK(seen[2].came - seen[1].answered + rounding >= Duration{90});
}

TEST_CASE("rtu: a spark of the transceiver before a reply costs no reading") {
  ScriptedLine line{{{Bytes{0xFF, 0x00} + reply_of(1, 7, 9)}}};
  RtuBus bus{port_of(line)};
  Pair out{};
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(out == Pair{7, 9});
}

TEST_CASE("rtu: what was heard is told with the fault, and a good reply tells how long it took") {
  Bytes flipped = reply_of(1, 7, 9);
  flipped[4] ^= 0x10;
  ScriptedLine line{{{flipped}, {reply_of(1, 7, 9)}}};
  RtuBus bus{port_of(line)};
  Pair out{};
  CHECK(bus.read(two_registers(), out).message.find("heard 01 04 04 00 17 00 09") != std::string::npos);
  const BusReply good = bus.read(two_registers(), out);
  CHECK(good.turnaround > std::chrono::microseconds{0});
  CHECK(good.turnaround < patient);
}

TEST_CASE("rtu: a unit that may answer late is left alone for so long") {
  ScriptedLine line{{{}, {reply_of(1, 2, 2)}}};
  RtuBus bus{port_of(line)};
  Pair out{};
  RegisterRead asked = two_registers(1, 0, brief);
  asked.late_within = Duration{300};
  const SteadyTime started = SystemClock{}.steady();
  CHECK(bus.read(asked, out).fault == BusFault::timeout);
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(line.seen()[1].came - started >= Duration{299});
}

TEST_CASE("rtu: through a serial server, which hangs up and comes back") {
  ScriptedServer server{{{reply_of(1, 7, 9)}, {{}, true}, {reply_of(1, 5, 6)}}, 8};
  RtuBus bus{{.device = "tcp://127.0.0.1",
              .serial = {.baud = 115200},
              .over_tcp = TcpSettings{"127.0.0.1", server.port()}}};
  Pair out{};
  CHECK(bus.read(two_registers(1, 0x10), out).ok());
  CHECK(out == Pair{7, 9});
  CHECK(server.seen()[0] == with_checksum({1, 4, 0, 0x10, 0, 2}));
  CHECK(bus.read(two_registers(), out).fault == BusFault::port_lost);
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(out == Pair{5, 6});
  CHECK(server.connections() == 2);
}

TEST_CASE("rtu: a missing port, a port that vanishes and comes back") {
  const std::string link = "/tmp/davy-rtu-test-" + std::to_string(::getpid());
  ::unlink(link.c_str());
  RtuBus bus{{link, {.baud = 115200}}};
  Pair out{};
  BusReply reply = bus.read(two_registers(), out);
  CHECK(reply.fault == BusFault::port_lost);
  CHECK(reply.message.find("serial port " + link + ": does not exist") != std::string::npos);
  {
    ScriptedLine line{{{reply_of(1, 7, 9)}, {{}, true}}};
    REQUIRE(::symlink(line.path().c_str(), link.c_str()) == 0);
    CHECK(bus.read(two_registers(), out).ok());
    reply = bus.read(two_registers(), out);
    CAPTURE(reply.message);
    CHECK(reply.fault == BusFault::port_lost);
    CHECK(bus.read(two_registers(), out).fault == BusFault::port_lost);
  }
  ::unlink(link.c_str());
  ScriptedLine back{{{reply_of(1, 5, 6)}}};
  REQUIRE(::symlink(back.path().c_str(), link.c_str()) == 0);
  CHECK(bus.read(two_registers(), out).ok());
  CHECK(out == Pair{5, 6});
  ::unlink(link.c_str());
}

TEST_CASE("rtu: a port that vanishes between two requests is lost, not noisy") {
  auto line = std::make_unique<ScriptedLine>(std::vector<Action>{{reply_of(1, 7, 9)}});
  RtuBus bus{port_of(*line)};
  Pair out{};
  REQUIRE(bus.read(two_registers(), out).ok());
  line.reset();
  const BusReply reply = bus.read(two_registers(), out);
  CAPTURE(reply.message);
  CHECK(reply.fault == BusFault::port_lost);
}

TEST_CASE("rtu: a port is used by one program at a time") {
  ScriptedLine line{{{reply_of(1, 7, 9)}, {reply_of(1, 7, 9)}}};
  RtuBus first{port_of(line)};
  RtuBus second{port_of(line)};
  Pair out{};
  CHECK(first.read(two_registers(), out).ok());
  const BusReply reply = second.read(two_registers(), out);
  CHECK(reply.fault == BusFault::port_lost);
  CHECK(reply.message.find("another program is using it") != std::string::npos);
  CHECK(first.read(two_registers(), out).ok());
}

TEST_CASE("rtu: a file or a baud rate that cannot be is named") {
  Pair out{};
  RtuBus file{{"/dev/null", {}}};
  CHECK(file.read(two_registers(), out).message.find("/dev/null: is not a serial port") != std::string::npos);
  ScriptedLine line{{}};
  RtuBus odd{port_of(line, {.baud = 12345})};
  CHECK(odd.read(two_registers(), out).message.find("cannot do 12345 baud") != std::string::npos);
}

TEST_CASE("port errors: each tells the port, the reason and what to do") {
  const RtuSettings line{"/dev/ttyUSB7", {}};
  const TcpSettings server{"127.0.0.1", 1502};
  for (const int error : {ENOENT, EACCES, EBUSY, EWOULDBLOCK, ENOTTY, EIO, EINVAL, EMFILE}) {
    CHECK(explain_serial(line, error).starts_with("serial port /dev/ttyUSB7: "));
  }
  CHECK(explain_serial(line, EACCES).find("dialout") != std::string::npos);
  for (const int error : {ECONNREFUSED, ETIMEDOUT, EINPROGRESS, EHOSTUNREACH, ECONNRESET, EMFILE}) {
    CHECK(explain_tcp(server, error).starts_with("Modbus TCP server 127.0.0.1 port 1502: "));
  }
}
