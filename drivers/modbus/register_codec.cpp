#include "drivers/modbus/register_codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr std::uint16_t swap_bytes(std::uint16_t r) {
  return static_cast<std::uint16_t>((r << 8U) | (r >> 8U));
}

bool bytes_swapped(WordOrder order) { return order == WordOrder::badc || order == WordOrder::dcba; }
bool words_swapped(WordOrder order) { return order == WordOrder::cdab || order == WordOrder::dcba; }

std::uint32_t join(WordOrder order, std::span<const std::uint16_t> r) {
  std::uint16_t high = words_swapped(order) ? r[1] : r[0];
  std::uint16_t low = words_swapped(order) ? r[0] : r[1];
  if (bytes_swapped(order)) {
    high = swap_bytes(high);
    low = swap_bytes(low);
  }
  return (std::uint32_t{high} << 16U) | low;
}

void split(WordOrder order, std::uint32_t value, std::span<std::uint16_t> r) {
  auto high = static_cast<std::uint16_t>(value >> 16U);
  auto low = static_cast<std::uint16_t>(value & 0xFFFFU);
  if (bytes_swapped(order)) {
    high = swap_bytes(high);
    low = swap_bytes(low);
  }
  r[0] = words_swapped(order) ? low : high;
  r[1] = words_swapped(order) ? high : low;
}

std::optional<std::int64_t> from_bcd(std::uint16_t word) {
  std::int64_t number = 0;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = (std::uint32_t{word} >> static_cast<unsigned>(shift)) & 0xFU;
    if (digit > 9) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::uint16_t to_bcd(std::int64_t number) {
  unsigned word = 0;
  auto rest = static_cast<unsigned>(std::clamp<std::int64_t>(number, 0, 9999));
  for (unsigned shift = 0; shift < 16; shift += 4) {
    word |= (rest % 10) << shift;
    rest /= 10;
  }
  return static_cast<std::uint16_t>(word);
}

unsigned field_mask(const SignalProfile& signal) {
  return signal.encoding == Encoding::bit ? 1U : (1U << signal.bit_count) - 1U;
}

template <typename T>
T nearest(std::int64_t raw) {
  return static_cast<T>(
      std::clamp<std::int64_t>(raw, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

// How many decimals the shortest way to write `number` has; -1 when it needs more than doubles keep exact.
int decimals(double number) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (end.ec != std::errc{}) return -1;
  const std::string_view written(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
  const auto point = written.find('.');
  const int count = point == std::string_view::npos ? 0 : static_cast<int>(written.size() - point - 1);
  return count <= 12 ? count : -1;
}

double snapped(double value, const SignalProfile& signal) {
  const int scale_decimals = decimals(signal.scale);
  const int offset_decimals = decimals(signal.offset);
  if (scale_decimals < 0 || offset_decimals < 0) return value;
  const double power = std::pow(10.0, std::max(scale_decimals, offset_decimals));
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  if (std::abs(value) * power >= exact_max) return value;
  return std::round(value * power) / power;
}

// A float carries about seven digits; the shortest decimal that names it is the number the device meant.
double meant(float number) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  double value = number;
  std::from_chars(text.data(), end.ptr, value);
  return value;
}

}  // namespace

std::optional<std::int64_t> raw_number(const SignalProfile& signal,
                                       std::span<const std::uint16_t> registers) {
  DAVY_ASSERT(registers.size() == register_count(signal.encoding));
  if (is_bits(signal.table)) return registers[0] != 0 ? 1 : 0;
  const std::uint16_t word = bytes_swapped(signal.word_order) ? swap_bytes(registers[0]) : registers[0];
  switch (signal.encoding) {
    case Encoding::bit:
    case Encoding::bits: return (word >> signal.bit_first) & field_mask(signal);
    case Encoding::u16: return word;
    case Encoding::s16: return static_cast<std::int16_t>(word);
    case Encoding::bcd16: return from_bcd(word);
    case Encoding::u32:
    case Encoding::float32: return join(signal.word_order, registers);
    case Encoding::s32: return static_cast<std::int32_t>(join(signal.word_order, registers));
  }
  return std::nullopt;
}

void put_raw_number(const SignalProfile& signal, std::int64_t raw, std::span<std::uint16_t> registers) {
  DAVY_ASSERT(registers.size() == register_count(signal.encoding));
  if (is_bits(signal.table)) {
    registers[0] = raw != 0 ? 1 : 0;
    return;
  }
  const bool swapped = bytes_swapped(signal.word_order);
  const auto put = [&](std::uint16_t word) { registers[0] = swapped ? swap_bytes(word) : word; };
  switch (signal.encoding) {
    case Encoding::bit:
    case Encoding::bits: {
      const unsigned mask = field_mask(signal);
      const unsigned old = swapped ? swap_bytes(registers[0]) : registers[0];
      const auto field = static_cast<unsigned>(std::clamp<std::int64_t>(raw, 0, mask));
      return put(
          static_cast<std::uint16_t>((old & ~(mask << signal.bit_first)) | (field << signal.bit_first)));
    }
    case Encoding::u16: return put(nearest<std::uint16_t>(raw));
    case Encoding::s16: return put(static_cast<std::uint16_t>(nearest<std::int16_t>(raw)));
    case Encoding::bcd16: return put(to_bcd(raw));
    case Encoding::u32:
    case Encoding::float32: return split(signal.word_order, nearest<std::uint32_t>(raw), registers);
    case Encoding::s32:
      return split(signal.word_order, static_cast<std::uint32_t>(nearest<std::int32_t>(raw)), registers);
  }
}

std::optional<double> scaled(const SignalProfile& signal, std::int64_t raw) {
  if (signal.encoding != Encoding::float32) {
    return snapped(static_cast<double>(raw) * signal.scale + signal.offset, signal);
  }
  const auto number = std::bit_cast<float>(static_cast<std::uint32_t>(raw));
  if (!std::isfinite(number)) return std::nullopt;
  if (signal.scale == 1 && signal.offset == 0) return meant(number);
  return meant(number) * signal.scale + signal.offset;
}

std::int64_t unscaled(const SignalProfile& signal, double value) {
  const double raw = (value - signal.offset) / signal.scale;
  if (signal.encoding == Encoding::float32) return std::bit_cast<std::uint32_t>(static_cast<float>(raw));
  constexpr double limit = 4294967296.0;  // beyond every encoding's own limit, within what llround takes
  return std::isnan(raw) ? 0 : std::llround(std::clamp(raw, -limit, limit));
}

}  // namespace davy
