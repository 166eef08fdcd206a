#include "drivers/modbus/rtu_sniffer.hpp"

#include <string>

#include <doctest/doctest.h>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/golden_file.hpp"

using namespace davy;
using namespace std::chrono_literals;
using std::chrono::microseconds;

namespace {

using Bytes = std::vector<std::uint8_t>;

// Without its checksum, in hexadecimal.
Bytes frame(const std::string& text) {
  Bytes bytes = bytes_from_hex(text).value();
  const std::uint16_t crc = crc16(bytes);
  bytes.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
  bytes.push_back(static_cast<std::uint8_t>(crc >> 8U));
  return bytes;
}

Bytes join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

constexpr SerialSettings line{.baud = 9600};

// What comes out, as hexadecimal; what is no frame stands in brackets.
std::vector<std::string> texts(const std::vector<HeardFrame>& heard) {
  std::vector<std::string> out;
  for (const HeardFrame& h : heard) {
    const Bytes body = h.whole ? Bytes{h.bytes.begin(), h.bytes.end() - 2} : h.bytes;
    out.push_back(h.whole ? hex_text(body) : "[" + hex_text(body) + "]");
  }
  return out;
}

// All bytes in lumps of `lump`, `apart` from each other, and silence at the end.
std::vector<std::string> heard(const Bytes& bytes, std::size_t lump, microseconds apart) {
  RtuSniffer sniffer{line};
  std::vector<HeardFrame> out;
  microseconds now = 1s;
  for (std::size_t at = 0; at < bytes.size(); at += lump) {
    now += apart;
    sniffer.take(std::span{bytes}.subspan(at, std::min(lump, bytes.size() - at)), now, out);
  }
  sniffer.idle(now + sniffer.settle() + 1us, out);
  return texts(out);
}

}  // namespace

TEST_CASE("sniffer: frames come out whole in whatever lumps the reader gets them") {
  struct Row {
    Bytes bytes;
    std::vector<std::string> heard;
  };
  const Row rows[] = {
      {join({frame("01 04 00 01 00 02"), frame("01 04 04 01 31 02 22")}),
       {"01 04 00 01 00 02", "01 04 04 01 31 02 22"}},
      {join({frame("03 03 00 00 00 01"), frame("03 83 02")}), {"03 03 00 00 00 01", "03 83 02"}},
      {join({frame("01 02 00 00 00 14"), frame("01 02 03 AA BB 0C")}),
       {"01 02 00 00 00 14", "01 02 03 AA BB 0C"}},
      {join({frame("05 06 00 01 00 03"), frame("05 06 00 01 00 03")}),
       {"05 06 00 01 00 03", "05 06 00 01 00 03"}},
      {join({frame("05 10 00 01 00 02 04 00 0A 01 02"), frame("05 10 00 01 00 02")}),
       {"05 10 00 01 00 02 04 00 0A 01 02", "05 10 00 01 00 02"}},
      // The reply to a request nobody heard; a reply that comes after a broken one; rubbish before a frame.
      {frame("11 04 02 00 C8"), {"11 04 02 00 C8"}},
      {join({{0x01, 0x04, 0x02, 0x01, 0x31, 0x79, 0x75}, frame("02 04 00 00 00 01")}),
       {"[01 04 02 01 31 79 75]", "02 04 00 00 00 01"}},
      {join({{0xFF, 0x00, 0xFE}, frame("02 04 00 00 00 01")}), {"[FF 00 FE]", "02 04 00 00 00 01"}},
      // Listening began in the middle of a reply.
      {join({{0x02, 0x22, 0x2A, 0xCE}, frame("02 04 00 00 00 01"), frame("02 04 02 00 07")}),
       {"[02 22 2A CE]", "02 04 00 00 00 01", "02 04 02 00 07"}},
      // A frame that never ends.
      {{0x01, 0x04, 0x20, 0x01}, {"[01 04 20 01]"}},
      {{0x00}, {"[00]"}},
  };
  for (const Row& r : rows) {
    for (const std::size_t lump : {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{1000}}) {
      CAPTURE(hex_text(r.bytes));
      CAPTURE(lump);
      CHECK(heard(r.bytes, lump, 2ms) == r.heard);
      CHECK(heard(r.bytes, lump, 16ms) == r.heard);  // as a USB adapter bundles
    }
  }
}

TEST_CASE("sniffer: a function of unknown length is cut out by the silence around it") {
  const Bytes odd = frame("07 41 01 02 03 04 05 06 07");
  CHECK(heard(odd, 1000, 2ms) == std::vector<std::string>{"07 41 01 02 03 04 05 06 07"});
  RtuSniffer sniffer{line};
  std::vector<HeardFrame> out;
  const Bytes next = frame("02 04 00 00 00 01");
  sniffer.take(odd, 100ms, out);
  sniffer.take(next, 130ms, out);
  CHECK(texts(out) == std::vector<std::string>{"07 41 01 02 03 04 05 06 07", "02 04 00 00 00 01"});
}

TEST_CASE("sniffer: the longest reply there is, and long rubbish, are got through") {
  std::string longest = "01 04 FA";
  for (int i = 0; i < 250; ++i) longest += " 55";
  CHECK(heard(join({frame(longest), frame("02 04 00 00 00 01")}), 16, 1ms) ==
        std::vector<std::string>{longest, "02 04 00 00 00 01"});
  const auto out = heard(join({Bytes(2000, 0xFF), frame("02 04 00 00 00 01")}), 100, 1ms);
  CHECK(out.back() == "02 04 00 00 00 01");
}

TEST_CASE("sniffer: the gap before a frame is told where it could be seen") {
  RtuSniffer sniffer{line};
  std::vector<HeardFrame> out;
  const Bytes request = frame("01 04 00 01 00 01");
  const Bytes reply = frame("01 04 02 01 31");
  sniffer.take(request, 100ms, out);
  sniffer.take(reply, 120ms, out);                   // 7 characters: began 7.3 ms before
  sniffer.take(join({request, reply}), 200ms, out);  // came together: nobody knows
  REQUIRE(out.size() == 4);
  CHECK(!out[0].gap);
  CHECK(out[1].gap.value() == 20ms - 7292us);
  CHECK(out[1].began == 120ms - 7292us);
  CHECK(out[2].gap.value() > 50ms);
  CHECK(!out[3].gap);
}

TEST_CASE("sniffer: a reader that is late by less than its slack does not tear a frame") {
  RtuSniffer sniffer{line};
  std::vector<HeardFrame> out;
  const Bytes reply = frame("01 04 04 01 31 02 22");
  sniffer.take(std::span{reply}.first(4), 100ms, out);
  sniffer.idle(100ms + sniffer.settle(), out);
  CHECK(out.empty());
  sniffer.take(std::span{reply}.subspan(4), 135ms, out);
  CHECK(texts(out) == std::vector<std::string>{"01 04 04 01 31 02 22"});
}
