#include <algorithm>
#include <array>
#include <string>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/mbap_reader.hpp"
#include "drivers/modbus/rtu_reader.hpp"
#include "proto/base/assert.hpp"
#include "tests/fuzz/target.hpp"

// What answers a Modbus request, or pretends to. The first byte of an input says whether it came from a line
// or a connection, the second in what pieces.
namespace davy::fuzz {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

template <typename Reader, typename Take>
void feed(Reader& reader, std::string_view input, std::size_t piece, Take take) {
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    reader.add(bytes_of(input.substr(0, piece)));
    take();
  }
}

void judge(std::span<const std::uint8_t> pdu) {
  const RegisterRead request{.unit = 1, .table = RegisterTable::holding, .address = 5, .count = 2};
  std::array<std::uint16_t, 2> out{1, 2};
  const BusReply reply = unpack_reply(request, pdu, out);
  DAVY_ASSERT(reply.ok() == reply.message.empty());
  if (!reply.ok()) DAVY_ASSERT(out[0] == 1 && out[1] == 2);
}

void try_line(std::string_view input, std::size_t piece) {
  RtuReader reader;
  reader.expect(1);
  feed(reader, input, piece, [&] {
    while (const auto found = reader.next()) {
      DAVY_ASSERT(found->bytes.size() >= 3 && found->bytes.size() <= rtu_frame_max - 2);
      DAVY_ASSERT((found->arrival == Arrival::frame) == (found->bytes[0] == 1));
      judge(found->bytes.subspan(1));
    }
    DAVY_ASSERT(reader.heard().size() <= 3 * 24 + 4);
  });
  if (!reader.has_part()) return;
  const Received left = reader.end();
  DAVY_ASSERT(left.arrival != Arrival::frame && left.arrival != Arrival::other_unit);
}

void try_connection(std::string_view input, std::size_t piece) {
  MbapReader reader;
  feed(reader, input, piece, [&] {
    while (const auto frame = reader.next()) {
      DAVY_ASSERT(frame->pdu.size() >= 2 && frame->pdu.size() <= tcp_frame_max - tcp_header_size);
      judge(frame->pdu);
    }
  });
}

}  // namespace

void try_input(std::string_view input) {
  if (input.size() < 3) return;
  const std::size_t piece = 1 + static_cast<std::uint8_t>(input[1]);
  if (input[0] == 'c') {
    try_connection(input.substr(2), piece);
  } else {
    try_line(input.substr(2), piece);
  }
}

std::vector<std::string> seeds() {
  using namespace std::string_literals;
  return {
      "l\xFF\x01\x03\x04\x00\x07\x00\x09\x8A\x31"s,
      "l\x00\xFF\x01\x83\x02\xC0\xF1"s,
      "l\x03\x02\x03\x02\x00\x07\xBC\x46\x01\x03"s,
      "l\xFF\x01\x03\xFF\x00\x00\x00\x00\x00"s,
      "c\xFF\x00\x01\x00\x00\x00\x07\x01\x03\x04\x00\x07\x00\x09"s,
      "c\x02\x00\x01\x00\x00\x00\x03\x01\x83\x0B\x00\x02\x00\x00\x00\x03\x01\x83\x02"s,
      "c\xFF\x00\x01\x00\x09\x00\x07\x01\x03\x04"s,
  };
}

}  // namespace davy::fuzz
