#include "drivers/modbus/frame.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "drivers/modbus/line_timing.hpp"

using namespace davy;
using namespace std::chrono_literals;

TEST_CASE("frame: the checksum of the standard's own example") {
  // Modbus over Serial Line V1.02, appendix B: 02 07 has the checksum 0x1241, sent 41 12.
  CHECK(crc16(std::array<std::uint8_t, 2>{0x02, 0x07}) == 0x1241);
}

TEST_CASE("frame: a request names function, address and count, high bytes first") {
  const RegisterRead request{.unit = 9, .table = RegisterTable::input, .address = 0x1234, .count = 0x0102};
  CHECK(request_pdu(request) == std::array<std::uint8_t, 5>{4, 0x12, 0x34, 0x01, 0x02});
}

TEST_CASE("frame: a reply is unpacked only when it fits its request in every respect") {
  using T = RegisterTable;
  using Bytes = std::vector<std::uint8_t>;
  using Words = std::vector<std::uint16_t>;
  struct Row {
    T table;
    std::uint16_t count;
    Bytes pdu;
    BusFault fault;
    Words words;
  };
  const Row rows[] = {
      {T::holding, 2, {3, 4, 0x12, 0x34, 0xFF, 0xFE}, BusFault::none, {0x1234, 0xFFFE}},
      {T::input, 1, {4, 2, 0, 7}, BusFault::none, {7}},
      {T::coil, 10, {1, 2, 0b1000'0001, 0b10}, BusFault::none, {1, 0, 0, 0, 0, 0, 0, 1, 0, 1}},
      {T::discrete_input, 1, {2, 1, 1}, BusFault::none, {1}},
      {T::holding, 2, {0x83, 2}, BusFault::exception, {}},
      {T::holding, 2, {3, 2, 0x12, 0x34}, BusFault::malformed, {}},        // a reply to another request
      {T::holding, 1, {3, 4, 0x12, 0x34}, BusFault::malformed, {}},        // announces more than it has
      {T::holding, 1, {3, 2, 0x12, 0x34, 0x56}, BusFault::malformed, {}},  // has more than it announces
      {T::holding, 1, {4, 2, 0x12, 0x34}, BusFault::malformed, {}},        // another function
      {T::holding, 1, {0x84, 2}, BusFault::malformed, {}},                 // another function's exception
      {T::coil, 9, {1, 1, 0xFF}, BusFault::malformed, {}},
      {T::holding, 1, {3}, BusFault::malformed, {}},
      {T::holding, 1, {}, BusFault::malformed, {}},
  };
  for (const Row& r : rows) {
    const RegisterRead request{.unit = 1, .table = r.table, .address = 0, .count = r.count};
    const Words untouched(r.count, 0xAAAA);
    Words out = untouched;
    const BusReply reply = unpack_reply(request, r.pdu, out);
    CAPTURE(reply.message);
    CHECK(reply.fault == r.fault);
    CHECK(reply.message.empty() == reply.ok());
    CHECK(out == (reply.ok() ? r.words : untouched));
  }
}

TEST_CASE("frame: a write asks for one thing, and only its own repetition is the answer") {
  using T = RegisterTable;
  struct Row {
    RegisterWrite request;
    std::vector<std::uint8_t> pdu;
  };
  const Row rows[] = {
      {{.unit = 1, .table = T::coil, .address = 0x1234, .value = 1}, {5, 0x12, 0x34, 0xFF, 0}},
      {{.unit = 1, .table = T::coil, .address = 7, .value = 0}, {5, 0, 7, 0, 0}},
      {{.unit = 1, .table = T::holding, .address = 2, .value = 0xBEEF}, {6, 0, 2, 0xBE, 0xEF}},
  };
  for (const Row& r : rows) {
    const auto asked = request_pdu(r.request);
    CHECK(std::vector<std::uint8_t>(asked.begin(), asked.end()) == r.pdu);
    CHECK(unpack_reply(r.request, r.pdu, {}).ok());
    for (std::size_t i = 0; i < r.pdu.size(); ++i) {
      auto damaged = r.pdu;
      damaged[i] ^= 1U;
      CHECK(unpack_reply(r.request, damaged, {}).fault == BusFault::malformed);
      const std::span whole{r.pdu};
      CHECK(unpack_reply(r.request, whole.first(i), {}).fault == BusFault::malformed);
    }
    const std::uint8_t refused[] = {static_cast<std::uint8_t>(r.pdu[0] | 0x80U), 4};
    CHECK(unpack_reply(r.request, refused, {}).exception == 4);
  }
  CHECK(describe(rows[0].request) == "unit 1, coil 4660 to 1");
  CHECK(describe(rows[2].request) == "unit 1, holding register 2 to 48879");
}

TEST_CASE("frame: an exception's message says who was asked for what, and what to make of the answer") {
  const RegisterRead request{.unit = 3, .table = RegisterTable::input, .address = 100, .count = 2};
  std::array<std::uint16_t, 2> out{};
  const BusReply reply = unpack_reply(request, std::array<std::uint8_t, 2>{0x84, 2}, out);
  CHECK(reply.exception == 2);
  CHECK(reply.message ==
        "unit 3, input registers 100 to 101: exception 2, illegal data address: the device has no such "
        "register");
}

TEST_CASE("timing: characters have 10 or 11 bits, t3.5 is 3.5 of them and 1.75 ms above 19200 baud") {
  struct Row {
    SerialSettings line;
    std::uint32_t bits;
    std::chrono::microseconds ten_characters, silence;
  };
  constexpr Row rows[] = {
      {{9600, Parity::none, 1}, 10, 10417us, 3646us}, {{9600, Parity::even, 1}, 11, 11459us, 4011us},
      {{9600, Parity::none, 2}, 11, 11459us, 4011us}, {{19200, Parity::odd, 1}, 11, 5730us, 2006us},
      {{38400, Parity::even, 1}, 11, 2865us, 1750us}, {{1200, Parity::none, 1}, 10, 83334us, 29167us},
      {{115200, Parity::none, 1}, 10, 869us, 1750us},
  };
  for (const Row& r : rows) {
    CAPTURE(r.line.baud);
    CHECK(character_bits(r.line) == r.bits);
    CHECK(wire_time(r.line, 10) == r.ten_characters);
    CHECK(frame_silence(r.line) == r.silence);
  }
}
