#include "drivers/modbus/decode.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include <doctest/doctest.h>

#include "drivers/modbus/register_codec.hpp"

using namespace davy;

namespace {

using Words = std::array<std::uint16_t, 2>;

SignalProfile signal_of(Encoding encoding, WordOrder order = WordOrder::abcd) {
  return {.name = "x", .table = RegisterTable::input, .encoding = encoding, .word_order = order};
}

std::span<const std::uint16_t> used(const SignalProfile& s, const Words& words) {
  return std::span(words).first(register_count(s.encoding));
}

constexpr WordOrder orders[] = {WordOrder::abcd, WordOrder::cdab, WordOrder::badc, WordOrder::dcba};

}  // namespace

TEST_CASE("decode: every encoding in every byte order") {
  using E = Encoding;
  using W = WordOrder;
  struct Row {
    E encoding;
    W order;
    Words words;
    std::int64_t raw;
  };
  constexpr Row rows[] = {
      {E::u16, W::abcd, {0x1234}, 0x1234},
      {E::u16, W::cdab, {0x1234}, 0x1234},  // one register has no word order
      {E::u16, W::badc, {0x3412}, 0x1234},
      {E::u16, W::dcba, {0x3412}, 0x1234},
      {E::u16, W::abcd, {0xFFFF}, 65535},
      {E::s16, W::abcd, {0xFFFF}, -1},
      {E::s16, W::abcd, {0x8000}, -32768},
      {E::s16, W::badc, {0xFE7F}, 32766},
      {E::bcd16, W::abcd, {0x0209}, 209},
      {E::bcd16, W::badc, {0x0902}, 209},
      {E::bcd16, W::abcd, {0x9999}, 9999},
      {E::u32, W::abcd, {0x0102, 0x0304}, 0x01020304},
      {E::u32, W::cdab, {0x0304, 0x0102}, 0x01020304},
      {E::u32, W::badc, {0x0201, 0x0403}, 0x01020304},
      {E::u32, W::dcba, {0x0403, 0x0201}, 0x01020304},
      {E::u32, W::abcd, {0xFFFF, 0xFFFF}, 4294967295},
      {E::s32, W::abcd, {0xFFFF, 0xFFFE}, -2},
      {E::s32, W::cdab, {0xFFFE, 0xFFFF}, -2},
      {E::s32, W::badc, {0xFFFF, 0xFEFF}, -2},
      {E::s32, W::dcba, {0xFEFF, 0xFFFF}, -2},
      {E::s32, W::abcd, {0x8000, 0x0000}, -2147483648},
      {E::float32, W::abcd, {0x3F80, 0x0000}, 0x3F800000},
      {E::float32, W::cdab, {0x0000, 0x3F80}, 0x3F800000},
      {E::float32, W::badc, {0x803F, 0x0000}, 0x3F800000},
      {E::float32, W::dcba, {0x0000, 0x803F}, 0x3F800000},
  };
  for (const Row& r : rows) {
    CAPTURE(static_cast<int>(r.encoding));
    CAPTURE(static_cast<int>(r.order));
    const SignalProfile s = signal_of(r.encoding, r.order);
    CHECK(raw_number(s, used(s, r.words)) == r.raw);
    Words written{};
    put_raw_number(s, r.raw, std::span(written).first(register_count(s.encoding)));
    CHECK(written == r.words);
  }
}

TEST_CASE("decode: a field of bits, also in a register whose bytes are swapped") {
  struct Row {
    std::uint8_t first, count;
    WordOrder order;
    std::uint16_t word;
    std::int64_t raw;
  };
  constexpr Row rows[] = {
      {0, 1, WordOrder::abcd, 0x0001, 1},       {15, 1, WordOrder::abcd, 0x8000, 1},
      {15, 1, WordOrder::abcd, 0x7FFF, 0},      {4, 4, WordOrder::abcd, 0xABCD, 0xC},
      {0, 16, WordOrder::abcd, 0xABCD, 0xABCD}, {4, 4, WordOrder::badc, 0xABCD, 0xA},
  };
  for (const Row& r : rows) {
    CAPTURE(r.word);
    SignalProfile s = signal_of(r.count == 1 ? Encoding::bit : Encoding::bits, r.order);
    s.bit_first = r.first;
    s.bit_count = r.count;
    CHECK(raw_number(s, std::array{r.word}) == r.raw);
    std::array<std::uint16_t, 1> words{static_cast<std::uint16_t>(~r.word)};
    put_raw_number(s, r.raw, words);
    CHECK(raw_number(s, words) == r.raw);
  }
}

TEST_CASE("decode: writing a field leaves its neighbours in the register alone") {
  SignalProfile s = signal_of(Encoding::bits);
  s.bit_first = 4;
  s.bit_count = 3;
  std::array<std::uint16_t, 1> words{0xFFFF};
  put_raw_number(s, 2, words);
  CHECK(words[0] == 0xFFAF);
  put_raw_number(s, 99, words);  // more than three bits hold
  CHECK(words[0] == 0xFFFF);
}

TEST_CASE("decode: what is encoded decodes to the same number, in every encoding and order") {
  std::mt19937 random{20260101};
  constexpr Encoding encodings[] = {Encoding::u16, Encoding::s16,     Encoding::u32,
                                    Encoding::s32, Encoding::float32, Encoding::bcd16};
  for (const Encoding encoding : encodings) {
    for (const WordOrder order : orders) {
      SignalProfile s = signal_of(encoding, order);
      s.scale = 0.01;
      s.offset = encoding == Encoding::bcd16 ? 0 : -3;
      std::uniform_int_distribution<int> hundredths{-290, 9000};
      for (int i = 0; i < 200; ++i) {
        int n = hundredths(random);
        if (encoding != Encoding::s16 && encoding != Encoding::s32 && encoding != Encoding::float32)
          n = std::abs(n);
        const double value = n / 100.0;
        Words words{};
        const auto span = std::span(words).first(register_count(encoding));
        put_raw_number(s, unscaled(s, value), span);
        const Reading r = decode_signal(s, span, {});
        CAPTURE(value);
        CHECK(r.quality == Quality{});
        CHECK(std::abs(r.value - value) < (encoding == Encoding::float32 ? 1e-6 : 1e-12));
      }
    }
  }
}

TEST_CASE("decode: a reading equals the number a person would write, so a limit of that number is met") {
  struct Row {
    double scale, offset;
    std::uint16_t raw;
    double value;
  };
  constexpr Row rows[] = {
      {0.001, 0, 1001, 1.001}, {0.01, 0, 150, 1.5}, {0.1, 0, 3, 0.3},    {0.1, -40, 423, 2.3},
      {0.05, 0, 3, 0.15},      {0.02, 0, 57, 1.14}, {10, 0, 123, 1230},  {0.01, 0, 57, 0.57},
      {0.0001, 0, 7, 0.0007},  {1, 0.5, 2, 2.5},    {-0.1, 0, 24, -2.4},
  };
  for (const Row& r : rows) {
    SignalProfile s = signal_of(Encoding::u16);
    s.scale = r.scale;
    s.offset = r.offset;
    CHECK(decode_signal(s, std::array{r.raw}, {}).value == r.value);
  }
  int below = 0;
  SignalProfile s = signal_of(Encoding::u16);
  s.scale = 0.001;
  for (std::uint16_t raw = 0; raw < 10000; ++raw) {
    if (decode_signal(s, std::array{raw}, {}).value != raw / 1000.0) ++below;
  }
  CHECK(below == 0);
  const SignalProfile f = signal_of(Encoding::float32);
  Words words{};
  put_raw_number(f, unscaled(f, 0.7), words);
  CHECK(decode_signal(f, words, {}).value == 0.7);
}

TEST_CASE("decode: the ends of the range are inside it") {
  SignalProfile s = signal_of(Encoding::s16);
  s.scale = 0.01;
  s.range_low = 0;
  s.range_high = 4;
  struct Row {
    std::int16_t raw;
    Validity validity;
    double value;
  };
  constexpr Row rows[] = {{-1, Validity::under_range, -0.01},
                          {0, Validity::good, 0},
                          {400, Validity::good, 4},
                          {401, Validity::over_range, 4.01}};
  for (const Row& r : rows) {
    const Reading got = decode_signal(s, std::array{static_cast<std::uint16_t>(r.raw)}, {});
    CHECK(got.quality.validity == r.validity);
    CHECK(got.value == r.value);
  }
}

TEST_CASE("decode: what is no number is a sensor fault without a value") {
  const SignalProfile f = signal_of(Encoding::float32);
  for (const Words words : {Words{0x7FC0, 0}, Words{0x7F80, 0}, Words{0xFF80, 0}, Words{0xFFFF, 0xFFFF}}) {
    const Reading r = decode_signal(f, words, {});
    CHECK(r.quality.validity == Validity::sensor_fault);
    CHECK(std::isnan(r.value));
  }
  const Reading r = decode_signal(signal_of(Encoding::bcd16), std::array<std::uint16_t, 1>{0x00A1}, {});
  CHECK(r.quality.validity == Validity::sensor_fault);
  CHECK(std::isnan(r.value));
}

TEST_CASE("decode: special raw numbers are messages, not measurements") {
  SignalProfile s = signal_of(Encoding::s16);
  s.scale = 0.1;
  s.range_low = 0;
  s.range_high = 100;
  s.raw_meanings = {{0x7FFF, QualityFlag::over_range},
                    {-255, QualityFlag::sensor_fault},
                    {-266, QualityFlag::disconnected},
                    {-1, QualityFlag::under_range},
                    {-2, QualityFlag::warming_up}};
  struct Row {
    std::int16_t raw;
    Validity validity;
    double value;  // NaN: no value
    Maintenance maintenance;
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr Row rows[] = {{0x7FFF, Validity::over_range, 100, Maintenance::none},
                          {-255, Validity::sensor_fault, nan, Maintenance::none},
                          {-266, Validity::disconnected, nan, Maintenance::none},
                          {-1, Validity::under_range, 0, Maintenance::none},
                          {-2, Validity::sensor_fault, nan, Maintenance::warming_up},
                          {250, Validity::good, 25, Maintenance::none}};
  for (const Row& r : rows) {
    CAPTURE(r.raw);
    const Reading got = decode_signal(s, std::array{static_cast<std::uint16_t>(r.raw)}, {});
    CHECK(got.quality.validity == r.validity);
    CHECK(got.quality.maintenance == r.maintenance);
    if (std::isnan(r.value)) CHECK(std::isnan(got.value));
    if (!std::isnan(r.value)) CHECK(got.value == r.value);
  }
}

TEST_CASE("decode: a float's special numbers are named by their bits, written with or without a sign") {
  SignalProfile f = signal_of(Encoding::float32);
  for (const std::int64_t raw :
       {std::int64_t{0xC37F0000}, std::int64_t{0xC37F0000} - 0x100000000}) {  // -255.0
    f.raw_meanings = {{raw, QualityFlag::disconnected}};
    CHECK(decode_signal(f, Words{0xC37F, 0x0000}, {}).quality.validity == Validity::disconnected);
    CHECK(decode_signal(f, Words{0x437F, 0x0000}, {}).value == 255);
  }
}

TEST_CASE("decode: of several flags the strongest statement wins, and maintenance is kept beside it") {
  using F = QualityFlag;
  using V = Validity;
  using M = Maintenance;
  SignalProfile s = signal_of(Encoding::u16);
  s.range_low = 0;
  s.range_high = 100;
  struct Row {
    std::vector<F> flags;
    std::uint16_t raw;
    V validity;
    M maintenance;
  };
  const Row rows[] = {
      {{}, 50, V::good, M::none},
      {{F::sensor_fault}, 50, V::sensor_fault, M::none},
      {{F::sensor_fault}, 900, V::sensor_fault, M::none},  // a faulty head's number is not believed
      {{F::over_range, F::sensor_fault}, 50, V::over_range, M::none},  // but what it says of the air is
      {{F::over_range, F::disconnected}, 50, V::over_range, M::none},
      {{F::disconnected, F::sensor_fault}, 50, V::disconnected, M::none},
      {{F::under_range, F::sensor_fault}, 50, V::sensor_fault, M::none},
      {{F::under_range}, 50, V::under_range, M::none},
      {{F::calibrating}, 50, V::good, M::calibrating},
      {{F::calibrating}, 900, V::over_range, M::calibrating},
      {{F::calibrating, F::low_supply}, 50, V::good, M::calibrating},
      {{F::warming_up, F::low_supply}, 50, V::good, M::warming_up},
      {{F::forced, F::calibrating, F::inhibited}, 50, V::good, M::forced},
      {{F::inhibited, F::calibrating}, 50, V::good, M::inhibited},
      {{F::sensor_fault, F::calibrating}, 50, V::sensor_fault, M::calibrating},
  };
  for (const Row& r : rows) {
    FlagSet flags;
    for (const F f : r.flags) flags.add(f);
    const Reading got = decode_signal(s, std::array{r.raw}, flags);
    CAPTURE(to_string(got.quality.validity));
    CHECK(got.quality.validity == r.validity);
    CHECK(got.quality.maintenance == r.maintenance);
    CHECK(std::isnan(got.value) == !has_value(got.quality.validity));
    if (r.validity == V::over_range) CHECK(got.value >= 100);
  }
}

TEST_CASE("decode: status words speak by bits that are set, bits that are clear, and masked codes") {
  StatusProfile status;
  status.bits = {{.number = 0, .when = true, .means = QualityFlag::calibrating},
                 {.number = 15, .when = false, .means = QualityFlag::sensor_fault}};
  status.code_mask = 0x00F0;
  status.codes = {{0x0050, QualityFlag::disconnected}};
  struct Row {
    std::uint16_t word;
    bool calibrating, fault, disconnected;
  };
  constexpr Row rows[] = {{0x8000, false, false, false}, {0x8001, true, false, false},
                          {0x0000, false, true, false},  {0x8F5E, false, false, true},
                          {0x0051, true, true, true},    {0x8060, false, false, false}};
  for (const Row& r : rows) {
    CAPTURE(r.word);
    const FlagSet flags = status_flags(status, r.word);
    CHECK(flags.has(QualityFlag::calibrating) == r.calibrating);
    CHECK(flags.has(QualityFlag::sensor_fault) == r.fault);
    CHECK(flags.has(QualityFlag::disconnected) == r.disconnected);
  }
}

TEST_CASE("decode: a coil or discrete input is 0 or 1") {
  SignalProfile s = signal_of(Encoding::bit);
  s.table = RegisterTable::discrete_input;
  CHECK(decode_signal(s, std::array<std::uint16_t, 1>{1}, {}).value == 1);
  CHECK(decode_signal(s, std::array<std::uint16_t, 1>{0}, {}).value == 0);
  s.scale = -1;  // a normally closed contact
  s.offset = 1;
  CHECK(decode_signal(s, std::array<std::uint16_t, 1>{1}, {}).value == 0);
}
