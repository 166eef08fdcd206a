#include "drivers/modbus/exchange_pairing.hpp"

#include <string>

#include <doctest/doctest.h>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/golden_file.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// Frames 10 ms apart, in hexadecimal without their checksums; "!" in front makes one damaged.
std::vector<HeardExchange> pair(std::initializer_list<std::string> texts) {
  ExchangePairing pairing;
  std::vector<HeardExchange> out;
  std::chrono::microseconds now = 1s;
  for (const std::string& text : texts) {
    const bool whole = !text.starts_with('!');
    HeardFrame frame{.bytes = bytes_from_hex(whole ? text : text.substr(1)).value(),
                     .whole = whole,
                     .began = now,
                     .ended = now + 4ms,
                     .gap = {}};
    const std::uint16_t crc = crc16(frame.bytes);
    frame.bytes.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
    frame.bytes.push_back(static_cast<std::uint8_t>(crc >> 8U));
    pairing.take(frame, out);
    now += 10ms;
  }
  if (const auto open = pairing.open()) out.push_back(*open);
  return out;
}

}  // namespace

TEST_CASE("pairing: what happened on the line, from its frames") {
  using K = HeardExchange::Kind;
  struct Row {
    std::initializer_list<std::string> frames;
    std::vector<K> kinds;
  };
  const Row rows[] = {
      {{"01 04 00 01 00 01", "01 04 02 01 31"}, {K::answered}},
      {{"01 04 00 01 00 01", "01 84 02"}, {K::refused}},
      {{"01 04 00 01 00 01", "02 04 00 01 00 01", "02 04 02 00 07"}, {K::unanswered, K::answered}},
      {{"01 04 00 01 00 01", "01 04 00 01 00 01", "01 04 02 00 07"}, {K::unanswered, K::answered}},
      {{"01 04 00 01 00 01", "!01 04 02 00"}, {K::damaged}},
      {{"01 04 02 01 31", "01 84 02"}, {K::orphan, K::orphan}},
      {{"01 04 00 01 00 01", "02 04 02 00 07"}, {K::unanswered, K::orphan}},        // another unit answers
      {{"01 04 00 01 00 01", "01 04 04 00 07 00 08"}, {K::unanswered, K::orphan}},  // not what was asked
      // 20 bits: a reply as long as a request.
      {{"01 02 00 00 00 14", "01 02 03 AA BB 0C"}, {K::answered}},
      {{"01 02 00 00 00 14", "01 02 00 00 00 14"}, {K::unanswered, K::unanswered}},
      {{"05 06 00 01 00 03", "05 06 00 01 00 03"}, {K::answered}},
      {{"00 06 00 01 00 03", "01 04 00 01 00 01"}, {K::unanswered, K::unanswered}},  // a broadcast
  };
  for (const Row& r : rows) {
    std::vector<K> kinds;
    for (const HeardExchange& e : pair(r.frames)) kinds.push_back(e.kind);
    CAPTURE(*r.frames.begin());
    CHECK(kinds == r.kinds);
  }
}

TEST_CASE("pairing: a read tells what was asked, what came and how long it took") {
  const auto out = pair({"03 04 00 64 00 02", "03 04 04 00 D1 FF FF"});
  REQUIRE(out.size() == 1);
  CHECK(out[0].unit == 3);
  REQUIRE(out[0].read);
  CHECK(describe(*out[0].read) == "unit 3, input registers 100 to 101");
  CHECK(out[0].values == std::vector<std::uint16_t>{209, 65535});
  CHECK(out[0].reply_after.value() == 6ms);
}

TEST_CASE("pairing: damage is put down to the unit that was asked just before") {
  const auto out = pair({"!FF FF", "07 03 00 00 00 01", "!07 03 02", "07 03 00 00 00 01", "07 83 0B"});
  REQUIRE(out.size() == 3);
  CHECK(out[0].unit == 0);
  CHECK(out[1].unit == 7);
  CHECK(out[2].exception == 11);
}
