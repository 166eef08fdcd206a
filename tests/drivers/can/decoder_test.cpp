#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "drivers/can/bit_position.hpp"
#include "drivers/can/message_decoder.hpp"

using namespace davy;

namespace {

DbcMessage message_of(std::vector<DbcSignal> signals, std::uint8_t size = 8) {
  return {.id = {.number = 1}, .name = "M", .size = size, .signals = std::move(signals)};
}

std::vector<SignalValue> decode(const DbcMessage& message, std::vector<std::uint8_t> bytes) {
  MessageDecoder decoder{message};
  std::vector<SignalValue> out(decoder.count());
  decoder.decode(bytes, out);
  return out;
}

SignalValue one(const DbcSignal& signal, std::vector<std::uint8_t> bytes, std::uint8_t size = 8) {
  return decode(message_of({signal}, size), std::move(bytes))[0];
}

constexpr auto intel = BitOrder::little_endian;
constexpr auto motorola = BitOrder::big_endian;

// Sets bits one by one, as the format's documents count them: no arithmetic shared with the decoder.
void put(std::vector<std::uint8_t>& bytes, const DbcSignal& signal, std::uint64_t raw) {
  std::size_t at = signal.start_bit;
  for (std::size_t i = 0; i < signal.length; ++i) {
    const bool low_first = signal.order == intel;
    const bool bit = (raw >> (low_first ? i : signal.length - 1 - i) & 1U) != 0;
    auto& byte = bytes[at / 8];
    byte = static_cast<std::uint8_t>(bit ? byte | 1U << at % 8 : byte & ~(1U << at % 8));
    if (low_first) {
      ++at;
    } else {
      at = at % 8 == 0 ? at + 15 : at - 1;  // the highest bit of the next byte
    }
  }
}

}  // namespace

TEST_CASE("decoder: both byte orders, signs and scales") {
  struct Row {
    const char* what;
    DbcSignal signal;
    std::vector<std::uint8_t> bytes;
    double value;
  };
  const Row rows[] = {
      {"intel", {.start_bit = 8, .length = 16, .order = intel, .factor = 0.01}, {0, 0xA4, 0x01}, 4.2},
      {"intel, askew", {.start_bit = 5, .length = 6, .order = intel}, {0xA0, 0x05}, 45},
      {"motorola", {.start_bit = 7, .length = 16, .order = motorola, .factor = 0.1}, {0x01, 0x02}, 25.8},
      {"motorola, askew", {.start_bit = 3, .length = 8, .order = motorola}, {0x0A, 0xB0}, 0xAB},
      {"motorola, last bit", {.start_bit = 56, .length = 1, .order = motorola}, {0, 0, 0, 0, 0, 0, 0, 1}, 1},
      {"minus one",
       {.start_bit = 0, .length = 12, .order = intel, .kind = RawKind::signed_number},
       {0xFF, 0x0F},
       -1},
      {"offset",
       {.start_bit = 0,
        .length = 8,
        .order = intel,
        .kind = RawKind::signed_number,
        .factor = 0.5,
        .offset = -40},
       {0x80},
       -104},
      {"one bit, signed",
       {.start_bit = 0, .length = 1, .order = intel, .kind = RawKind::signed_number},
       {1},
       -1},
      {"64 bits", {.start_bit = 0, .length = 64, .order = intel}, {0, 0, 0, 0, 0, 0, 0, 0x80}, 0x1p63},
      {"float",
       {.start_bit = 0, .length = 32, .order = intel, .kind = RawKind::float32, .factor = 2},
       {0, 0, 0xC0, 0x3F},
       3},
      {"float, motorola",
       {.start_bit = 7, .length = 32, .order = motorola, .kind = RawKind::float32},
       {0x3F, 0xC0, 0, 0},
       1.5},
      {"double",
       {.start_bit = 7, .length = 64, .order = motorola, .kind = RawKind::float64},
       {0xC0, 0x04, 0, 0, 0, 0, 0, 0},
       -2.5},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const SignalValue found = one(row.signal, row.bytes);
    CHECK(found.present);
    CHECK(found.value == doctest::Approx(row.value).epsilon(1e-12));
  }
}

TEST_CASE("decoder: any length in any place comes out as it was put in") {
  std::mt19937_64 random{7};
  for (const std::uint8_t size : {std::uint8_t{8}, std::uint8_t{64}}) {
    for (int i = 0; i < 20'000; ++i) {
      DbcSignal signal{.start_bit = static_cast<std::uint16_t>(random() % (size * 8U)),
                       .length = static_cast<std::uint16_t>(1 + random() % 64),
                       .order = random() % 2 == 0 ? intel : motorola,
                       .kind = random() % 2 == 0 ? RawKind::unsigned_number : RawKind::signed_number};
      const std::size_t end = position_of(signal).end_byte();
      if (end > size) continue;
      std::vector<std::uint8_t> bytes(size);
      for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
      const std::uint64_t raw = random() >> (64U - signal.length);
      put(bytes, signal, raw);
      const SignalValue found = one(signal, bytes, size);
      const auto mask = signal.length == 64 ? ~0ULL : (1ULL << signal.length) - 1;
      CHECK((static_cast<std::uint64_t>(found.raw) & mask) == raw);
      if (signal.kind == RawKind::unsigned_number) CHECK(found.value == static_cast<double>(raw));
      // One byte fewer than it needs.
      bytes.resize(end - 1);
      CHECK_FALSE(one(signal, bytes, size).present);
    }
  }
}

TEST_CASE("decoder: a signal that is not in the frame has no value") {
  const DbcSignal signal{.start_bit = 8, .length = 8, .order = intel};
  for (const std::vector<std::uint8_t>& bytes : {std::vector<std::uint8_t>{}, {1}}) {
    const SignalValue found = one(signal, bytes);
    CHECK_FALSE(found.present);
    CHECK(std::isnan(found.value));
  }
  CHECK(one(signal, {1, 2}).value == 2);
}

TEST_CASE("decoder: a sensor's own NaN is there, and is NaN") {
  const DbcSignal signal{.start_bit = 0, .length = 32, .order = intel, .kind = RawKind::float32};
  const SignalValue found = one(signal, {0, 0, 0xC0, 0x7F});
  CHECK(found.present);
  CHECK(std::isnan(found.value));
}

TEST_CASE("decoder: a multiplexer says which signals are there, through several levels") {
  DbcMessage message = message_of({
      {.name = "deep",
       .start_bit = 16,
       .length = 8,
       .order = intel,
       .selection = DbcSelection{2, {{3, 5}, {9, 9}}}},
      {.name = "outer", .start_bit = 0, .length = 8, .order = intel, .factor = 10, .multiplexer = true},
      {.name = "inner",
       .start_bit = 8,
       .length = 8,
       .order = intel,
       .multiplexer = true,
       .selection = DbcSelection{1, {{1, 1}}}},
  });
  const auto deep = [&](std::vector<std::uint8_t> bytes) {
    return decode(message, std::move(bytes))[0].present;
  };
  CHECK(deep({1, 3, 42}));
  CHECK(deep({1, 9, 42}));
  CHECK_FALSE(deep({1, 6, 42}));
  CHECK_FALSE(deep({2, 3, 42}));  // then byte 1 is something else
  CHECK(decode(message, {1, 3, 42})[0].value == 42);
  CHECK(decode(message, {1, 3, 42})[1].value == 10);
  CHECK_FALSE(decode(message, {2, 3, 42})[2].present);

  // Only one signal wanted: its multiplexers are looked at all the same.
  const std::size_t wanted[] = {0};
  MessageDecoder decoder{message, wanted};
  std::array<SignalValue, 1> out;
  decoder.decode(std::vector<std::uint8_t>{1, 3, 42}, out);
  CHECK(out[0].value == 42);
  decoder.decode(std::vector<std::uint8_t>{1, 0, 42}, out);
  CHECK_FALSE(out[0].present);
}
