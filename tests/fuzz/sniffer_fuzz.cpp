#include "drivers/modbus/exchange_pairing.hpp"
#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/golden_file.hpp"
#include "proto/base/assert.hpp"
#include "tests/fuzz/target.hpp"

// What is heard on a line of others. The first byte of an input says how large the lumps are in which the
// rest arrives, and how far apart. Property: every byte comes out once and in order, what is called a frame
// has the right checksum, and a read that was answered has its values. Inputs that begin with G are golden
// files.
namespace davy::fuzz {
namespace {

using std::chrono::microseconds;

void check_frame(const HeardFrame& frame) {
  DAVY_ASSERT(!frame.bytes.empty() && frame.began <= frame.ended);
  if (!frame.whole) return;
  const std::size_t size = frame.bytes.size() - 2;
  DAVY_ASSERT(crc16(std::span{frame.bytes}.first(size)) ==
              (frame.bytes[size] | (frame.bytes[size + 1] << 8U)));
}

void try_line(std::string_view input, std::size_t lump, microseconds apart) {
  RtuSniffer sniffer{{.baud = 9600}};
  ExchangePairing pairing;
  std::vector<HeardFrame> frames;
  const std::vector<std::uint8_t> bytes{input.begin(), input.end()};
  microseconds now{1'000'000};
  for (std::size_t at = 0; at < bytes.size(); at += lump) {
    now += apart;
    sniffer.take(std::span{bytes}.subspan(at, std::min(lump, bytes.size() - at)), now, frames);
  }
  sniffer.idle(now + 2 * sniffer.settle(), frames);
  std::vector<std::uint8_t> again;
  std::vector<HeardExchange> exchanges;
  for (const HeardFrame& frame : frames) {
    check_frame(frame);
    again.insert(again.end(), frame.bytes.begin(), frame.bytes.end());
    pairing.take(frame, exchanges);
  }
  DAVY_ASSERT(again == bytes);
  for (const HeardExchange& e : exchanges) {
    const bool read = e.kind == HeardExchange::Kind::answered && e.read;
    DAVY_ASSERT(!read || e.values.size() == e.read->count);
  }
}

void try_golden(std::string_view text) {
  const auto file = parse_golden_file(text, "probe.txt");
  if (!file) DAVY_ASSERT(file.error().message.starts_with("probe.txt:"));
}

}  // namespace

void try_input(std::string_view input) {
  if (input.empty()) return;
  if (input.front() == 'G') return try_golden(input.substr(1));
  const auto how = static_cast<unsigned char>(input.front());
  try_line(input.substr(1), 1 + how % 16, microseconds{(how / 16) * 3000});
}

std::vector<std::string> seeds() {
  using namespace std::string_literals;
  const std::string exchange =
      "\x01\x04\x00\x01\x00\x02\x20\x0B"s + "\x01\x04\x04\x01\x31\x02\x22\x2A\xCE"s + "\x01\x84\x02\xC2\xC1"s;
  return {
      "\x0F"s + exchange + exchange,
      "\x50"s + exchange,
      "\xF3"s + "\x07\x41\x01\x02\x03"s + exchange,
      "Gunit 1\ncase c\n> 01 04 00 01 00 01 60 0A\n< 01 04 02 01 31 79 74\n= temperature 30.5 good\n",
  };
}

}  // namespace davy::fuzz
