#include "proto/wire/block_codec.hpp"

#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include <doctest/doctest.h>

#include "proto/wire/hash.hpp"
#include "proto/wire/limits.hpp"
#include "tests/proto/wire_bytes.hpp"
#include "tests/support/block_maker.hpp"

using namespace davy;
using test::bytes_field;
using test::number_field;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

// One point at one second, all values usable.
Block block_of(const std::vector<double>& values) {
  Block out{.header = test::block_header()};
  for (std::size_t i = 0; i < values.size(); ++i) {
    out.samples.push_back(
        {.value = values[i], .source_time = out.header.opened_at + std::chrono::seconds{i}});
  }
  return out;
}

void check_round_trip(const Block& block) {
  BlockEncoder encoder;
  BlockDecoder decoder;
  const EncodedBlock encoded = encoder.encode(block);
  Block decoded;
  Hash hash{};
  const auto done = decoder.decode_into(encoded.envelope, decoded, hash);
  REQUIRE_MESSAGE(done, done.error().message);
  CHECK(test::same(decoded, test::as_decoded(block)));
  CHECK(hash == encoded.hash);
}

// A body with the fields every body needs; more is appended.
std::string body_start(std::uint64_t seq = 1) {
  return number_field(1, 1) + bytes_field(2, "gw") + bytes_field(3, std::string(16, 's')) +
         number_field(4, seq) + bytes_field(9, std::string(32, 'b'));
}
std::string samples(std::uint64_t count, const std::string& columns) {
  return number_field(12, count) + bytes_field(14, columns) + number_field(15, columns.size());
}
std::string envelope_around(const std::string& body) {
  return bytes_field(1, body) + bytes_field(2, std::string{as_bytes(hash_of(body))});
}
std::string why_refused(const std::string& envelope) {
  const auto decoded = BlockDecoder{}.decode(envelope);
  if (decoded) return "taken";
  CHECK(decoded.error().code == Errc::bad_data);
  return decoded.error().message;
}

}  // namespace

TEST_CASE("block: whatever is in it comes back bit for bit") {
  BlockEncoder encoder;
  BlockDecoder decoder;
  Block decoded;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    const Block block = test::BlockMaker{seed}.make();
    const EncodedBlock encoded = encoder.encode(block);
    Hash hash{};
    const auto done = decoder.decode_into(encoded.envelope, decoded, hash);
    REQUIRE_MESSAGE(done, done.error().message);
    REQUIRE(test::same(decoded, test::as_decoded(block)));
    REQUIRE(hash == encoded.hash);
  }
}

TEST_CASE("block: the same block makes the same bytes, whatever was encoded before") {
  BlockEncoder used;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const Block block = test::BlockMaker{seed}.make();
    CHECK(used.encode(block).envelope == BlockEncoder{}.encode(block).envelope);
  }
}

TEST_CASE("block: every double there is") {
  const double inf = std::numeric_limits<double>::infinity();
  const double least = std::numeric_limits<double>::denorm_min();
  const std::vector<std::vector<double>> rows{
      {0.0, -0.0, 0.0},
      {-0.0},
      {not_a_number, std::bit_cast<double>(0x7FF0000000000001), std::bit_cast<double>(0xFFFFFFFFFFFFFFFF),
       1.5},
      {inf, -inf, 0.1},
      {least, -least, std::numeric_limits<double>::min(), std::numeric_limits<double>::max()},
      {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()},
      {0.1, 0.1 + 0.2, 0.3, 57 * 0.01, 0.57},
      {0x1p53, 0x1p53 + 2, 0x1p51, 0x1p51 - 0.5, -0x1p63},
      {9007199254740993e-15, 123456789012345.0, 0.000000000000001},
      {1e15, 1e16, 1e-15, 1e-16, 1e300, 1e-300},
      {static_cast<double>(0.46F), static_cast<double>(-1.7e38F), static_cast<double>(1e-45F)},
      {0.5, std::nextafter(0.5, 1), std::nextafter(0.5, 0), std::nextafter(std::nextafter(0.5, 1), 1)},
      {2147483647.5, 2147483648.0, std::nextafter(2147483648.0, 0)},
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    CAPTURE(row);
    check_round_trip(block_of(rows[row]));
    for (const double value : rows[row]) check_round_trip(block_of({value}));
  }
}

TEST_CASE("block: every quality, and no value where the quality denies one") {
  Block block{.header = test::block_header()};
  for (unsigned code = 0; code < 512; ++code) {
    Quality quality;
    if (!unpack(static_cast<std::uint16_t>(code * 8), quality)) continue;
    block.samples.push_back({.point = PointIndex{code % 3}, .value = 1.25, .quality = quality});
  }
  check_round_trip(block);
  const auto decoded = BlockDecoder{}.decode(BlockEncoder{}.encode(block).envelope);
  REQUIRE(decoded);
  for (const Sample& sample : decoded->samples) {
    CHECK(std::isnan(sample.value) == !has_value(sample.quality.validity));
  }
}

TEST_CASE("block: the largest ones fit") {
  Block worst{.header = test::block_header()};
  test::BlockMaker random{1};
  std::mt19937_64 bits{1};
  for (std::uint32_t i = 0; i < block_entries_max; ++i) {
    worst.samples.push_back(
        {.point = PointIndex{i / 2 * 16 + i % 2},
         .value = std::bit_cast<double>(bits()),
         .quality = {.validity = Validity::over_range, .limit = static_cast<LimitState>(i % 4)},
         .source_time = wall_from_ms(i % 2 == 0 ? time_ms_max : -time_ms_max)});
  }
  check_round_trip(worst);

  Block doubles{.header = test::block_header()};
  for (std::uint32_t i = 0; i < block_entries_max; ++i) {
    doubles.samples.push_back({.point = PointIndex{i % 6}, .value = std::bit_cast<double>(bits())});
  }
  CHECK(BlockEncoder{}.encode(doubles).envelope.size() < 16 * 1024);

  Block events{.header = test::block_header()};
  for (std::size_t i = 0; i < block_entries_max; ++i) {
    events.events.push_back({.kind = EventKind::bus_fault,
                             .at = wall_from_ms(-time_ms_max),
                             .first = UINT64_MAX,
                             .last = UINT64_MAX,
                             .text = std::string(event_text_size_max, 'x')});
  }
  CHECK(BlockEncoder{}.encode(events).envelope.size() <= envelope_size_max);
  check_round_trip(events);
}

TEST_CASE("block: empty ones and ones of events only are blocks") {
  check_round_trip({.header = test::block_header(1)});
  Block started{.header = test::block_header(1)};
  started.events.push_back({.kind = EventKind::started, .at = started.header.opened_at, .text = "0.1.0"});
  check_round_trip(started);
}

TEST_CASE("block: words from a device cannot make it unreadable") {
  Block block{.header = test::block_header()};
  block.events.push_back(
      {.kind = EventKind::bus_fault, .at = block.header.opened_at, .text = "\xff\xfe\n\x01"});
  block.events.push_back(
      {.kind = EventKind::bus_fault, .at = block.header.opened_at, .text = std::string(9999, 'y')});
  const auto decoded = BlockDecoder{}.decode(BlockEncoder{}.encode(block).envelope);
  REQUIRE(decoded);
  CHECK(decoded->events[0].text == "??  ");
  CHECK(decoded->events[1].text == std::string(event_text_size_max, 'y'));
}

TEST_CASE("block: a sensor without few decimals, and one that jumps, are compressed; others need not be") {
  std::vector<double> rough;
  std::vector<double> smooth;
  for (int i = 0; i < 512; ++i) {
    rough.push_back(std::sqrt(i / 8 % 5));
    smooth.push_back(0.46 + (i % 3 == 0 ? 0.01 : 0));
  }
  const auto size = [](const std::vector<double>& values) {
    return BlockEncoder{}.encode(block_of(values)).envelope.size();
  };
  CHECK(size(rough) < 1200);
  CHECK(size(smooth) < 600);
  check_round_trip(block_of(rough));
}

TEST_CASE("block: each flipped bit is noticed, or leaves the block as it was") {
  Block block = test::BlockMaker{11}.make();
  block.samples.resize(std::min<std::size_t>(block.samples.size(), 40));
  const EncodedBlock encoded = BlockEncoder{}.encode(block);
  BlockDecoder decoder;
  for (std::size_t bit = 0; bit < encoded.envelope.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string envelope = encoded.envelope;
    envelope[bit / 8] = static_cast<char>(static_cast<unsigned>(envelope[bit / 8]) ^ (1U << (bit % 8)));
    const auto decoded = decoder.decode(envelope);
    if (decoded) CHECK(test::same(*decoded, test::as_decoded(block)));
  }
  for (std::size_t size = 0; size < encoded.envelope.size(); ++size) {
    CHECK_FALSE(decoder.decode(std::string_view{encoded.envelope}.substr(0, size)));
  }
}

TEST_CASE("block: a body with a right hash and wrong bytes is refused or decoded, never more") {
  BlockDecoder decoder;
  BlockEncoder encoder;
  std::mt19937_64 random{5};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const EncodedBlock encoded = encoder.encode(test::BlockMaker{seed}.make());
    const std::string whole = encoded.envelope;
    // The body is the first field: its length is what its varint says.
    std::size_t start = 2;
    while (static_cast<unsigned char>(whole[start - 1]) >= 0x80) ++start;
    const std::string body = whole.substr(start, whole.size() - start - 34);
    REQUIRE(envelope_around(body) == whole);
    for (int i = 0; i < 60; ++i) {
      std::string wrong = body;
      for (std::uint64_t k = random() % 4; k < 4; ++k)
        wrong[static_cast<std::size_t>(random() % wrong.size())] = static_cast<char>(random());
      if (i % 7 == 0) wrong.resize(static_cast<std::size_t>(random() % wrong.size()));
      const auto decoded = decoder.decode(envelope_around(wrong));
      if (decoded) CHECK(decoded->entries() <= block_entries_max);
    }
  }
}

TEST_CASE("block: what no encoder writes is refused with the reason") {
  // One sample of point 0 at the block's opening: point 0 once; no time after; quality 0 once; form 0; the
  // number 21.
  const std::string one{
      "\x00\x01\x01"
      "\x00"
      "\x01\x00"
      "\x00\x00"
      "\x2a",
      9};
  REQUIRE(why_refused(envelope_around(body_start() + samples(1, one))) == "taken");
  const auto columns = [&](std::size_t at, char byte) {
    std::string out = one;
    out[at] = byte;
    return envelope_around(body_start() + samples(1, out));
  };
  std::string crowd = body_start();
  for (std::size_t i = 0; i <= block_entries_max; ++i) crowd += bytes_field(16, bytes_field(2, "r"));
  const std::string previous = bytes_field(10, std::string(32, 'p'));
  struct Row {
    const char* reason;
    std::string envelope;
  };
  const Row rows[] = {
      {"block: hash has 0 bytes, not 32", ""},
      {"block: envelope is malformed", "\x0a\x05"},
      {"block: envelope too long", std::string(envelope_size_max + 1, 'x')},
      {"block: its hash is not that of its body", bytes_field(1, "x") + bytes_field(2, std::string(32, 'h'))},
      {"block: signature has not 64 bytes", envelope_around(body_start()) + bytes_field(3, "x")},
      {"block: schema is not known here", envelope_around(body_start() + number_field(1, 2))},
      {"block: no valid gateway", envelope_around(body_start() + bytes_field(2, "a b"))},
      {"block: sequence number 0", envelope_around(body_start(0))},
      {"block: stream has 15 bytes, not 16",
       envelope_around(body_start() + bytes_field(3, std::string(15, 's')))},
      {"block: birth has 0 bytes, not 32", envelope_around(body_start() + bytes_field(9, ""))},
      {"block: previous has 0 bytes, not 32", envelope_around(body_start(2))},
      {"block: first of its stream, but has one before", envelope_around(body_start() + previous)},
      {"block: unknown clock quality", envelope_around(body_start() + number_field(8, 4))},
      {"block: unknown compression", envelope_around(body_start() + number_field(13, 2))},
      {"block: body is malformed or a number out of range",
       envelope_around(body_start() + number_field(12, 513))},
      {"block: body is malformed or a number out of range",
       envelope_around(body_start() + number_field(15, 32769))},
      {"block: body is malformed or a number out of range",
       envelope_around(body_start() + bytes_field(4, "seq"))},
      {"block: body is malformed or a number out of range",
       envelope_around(body_start() + number_field(6, UINT64_MAX))},
      {"block: more entries than a block holds", envelope_around(crowd)},
      {"block: more entries than a block holds",
       envelope_around(body_start() + number_field(12, 512) + bytes_field(16, bytes_field(2, "r")))},
      {"block: sighting without a valid reader", envelope_around(body_start() + bytes_field(16, ""))},
      {"block: sighting is malformed",
       envelope_around(body_start() + bytes_field(16, bytes_field(2, "r") + number_field(1, 5)))},
      {"block: sighting is malformed",
       envelope_around(body_start() + bytes_field(16, bytes_field(2, "r") + number_field(5, 0x20000)))},
      {"block: event of an unknown kind",
       envelope_around(body_start() + bytes_field(17, number_field(1, 23)))},
      {"block: event with a text that is none",
       envelope_around(body_start() + bytes_field(17, number_field(1, 1) + bytes_field(5, "\n")))},
      {"block: time out of bounds",
       envelope_around(body_start() + number_field(6, 2 * (UINT64_C(1) << 53U)) +
                       bytes_field(17, number_field(1, 1) + number_field(2, 2)))},
      {"block: columns have not the announced size",
       envelope_around(body_start() + number_field(12, 1) + bytes_field(14, one) + number_field(15, 8))},
      {"block: columns cannot be decompressed to the announced size",
       envelope_around(body_start() + samples(1, one) + number_field(13, 1))},
      {"block: columns without samples", envelope_around(body_start() + samples(0, one))},
      {"block: columns: points cut short", envelope_around(body_start() + samples(1, ""))},
      {"block: columns: more samples than announced", columns(1, 2)},
      {"block: columns: more samples than announced", columns(2, 2)},
      {"block: columns: more samples than announced", columns(1, 0)},
      {"block: columns: point index too large",
       envelope_around(body_start() + samples(1, test::varint(points_max) + one.substr(1)))},
      {"block: columns: more qualities than samples", columns(4, 2)},
      {"block: columns: unknown quality", columns(5, 7)},
      {"block: columns: forms of values cut short", columns(7, 65)},
      {"block: columns: unknown form of values", columns(6, 34 * 2)},
      {"block: columns: values cut short", envelope_around(body_start() + samples(1, one.substr(0, 8)))},
      {"block: columns: bytes behind the last value", envelope_around(body_start() + samples(1, one + "x"))},
  };
  for (const Row& row : rows) CHECK(why_refused(row.envelope) == row.reason);
}

TEST_CASE("block: a decoder of this version passes over fields of a later one") {
  const std::string later = bytes_field(99, "new") + number_field(98, 1);
  const auto decoded = BlockDecoder{}.decode(envelope_around(body_start() + later) + later);
  REQUIRE(decoded);
  CHECK(decoded->header.gateway == "gw");
}
