#include "proto/base/assert.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/wire_reader.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/proto/golden_blocks.hpp"
#include "tests/proto/wire_bytes.hpp"
#include "tests/support/block_maker.hpp"

// Blocks. The first byte of an input says what the rest is: a whole envelope; a body, which gets the right
// hash; columns, which get a body, with their sample count in two bytes before them. Property: what the
// decoder accepts, our encoder writes again, and it comes back the same.
namespace davy::fuzz {
namespace {

using test::bytes_field;
using test::number_field;

void try_envelope(std::string_view envelope) {
  static BlockDecoder decoder;
  static BlockEncoder encoder;
  static Block block;
  Hash hash{};
  const auto done = decoder.decode_into(envelope, block, hash);
  if (!done) {
    DAVY_ASSERT(!done.error().message.empty());
    return;
  }
  DAVY_ASSERT(block.entries() <= block_entries_max);
  const EncodedBlock again = encoder.encode(block);
  const auto back = decoder.decode(again.envelope);
  DAVY_ASSERT(back.has_value());
  DAVY_ASSERT(test::same(*back, block));
}

void try_body(std::string_view body) {
  try_envelope(bytes_field(1, std::string{body}) + bytes_field(2, std::string{as_bytes(hash_of(body))}));
}

std::string body_start() {
  return number_field(1, 1) + bytes_field(2, "gw") + bytes_field(3, std::string(16, 's')) +
         number_field(4, 1) + bytes_field(9, std::string(32, 'b'));
}

void try_columns(std::string_view input) {
  if (input.size() < 2) return;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  const std::string columns{input.substr(2)};
  try_body(body_start() + number_field(12, byte(0) * 256U + byte(1)) + bytes_field(14, columns) +
           number_field(15, columns.size()));
}

// The value of a protobuf field of bytes, by its number.
std::string field_of(const std::string& message, std::uint32_t field) {
  for (WireReader reader{message}; reader.next();) {
    if (reader.field() == field) return std::string{reader.bytes()};
  }
  return {};
}

}  // namespace

void try_input(std::string_view input) {
  if (input.empty()) return;
  switch (input.front()) {
    case 'b': return try_body(input.substr(1));
    case 'c': return try_columns(input.substr(1));
    default: return try_envelope(input.substr(1));
  }
}

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  for (const auto& [name, block, compressed] : test::golden_blocks()) {
    const std::string envelope = BlockEncoder{}.encode(block).envelope;
    const std::string body = field_of(envelope, 1);
    if (out.empty()) out.push_back("e" + envelope);
    out.push_back("b" + body);
    if (compressed) continue;
    const std::size_t count = block.samples.size();
    out.push_back(std::string{'c', static_cast<char>(count / 256), static_cast<char>(count % 256)} +
                  field_of(body, 14));
  }
  return out;
}

}  // namespace davy::fuzz
