#include "proto/wire/value_form.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

namespace davy {
namespace {

// Each exact in a double, and so is every whole number below 2^53: a quotient of two is rounded once,
// everywhere alike.
constexpr std::array<double, 16> powers{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr double decimal_max = 0x1p51;  // up to here adding `rounder` rounds to a whole number
constexpr double rounder = 0x1.8p52;
constexpr double near_max = 0x1p31;  // more digits than that are noise, not a decimal number
constexpr double single_max = std::numeric_limits<float>::max();
constexpr std::int64_t step_low = -4;
constexpr std::int64_t step_high = 3;

constexpr std::uint64_t pattern(double value) { return std::bit_cast<std::uint64_t>(value); }
constexpr std::uint64_t whole(double value) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
}
constexpr double signed_double(std::uint64_t n) { return static_cast<double>(static_cast<std::int64_t>(n)); }

// The nearest whole number; `ok` false when there is none below the limit (and for NaN).
double rounded(double scaled, double max, bool& ok) {
  ok = scaled > -max && scaled < max;
  return (scaled + rounder) - rounder;
}

bool to_decimal(double value, std::size_t decimals, std::uint64_t& out) {
  bool ok = false;
  const double n = rounded(value * powers[decimals], decimal_max, ok);
  if (!ok || pattern(n / powers[decimals]) != pattern(value)) return false;
  out = whole(n);
  return true;
}

bool to_near(double value, std::size_t decimals, std::uint64_t& out) {
  bool ok = false;
  const double n = rounded(value * powers[decimals], near_max, ok);
  if (!ok) return false;
  const auto step = static_cast<std::int64_t>(pattern(value) - pattern(n / powers[decimals]));
  if (step < step_low || step > step_high) return false;
  out = whole(n) << 3U | static_cast<std::uint64_t>(step - step_low);
  return true;
}

// Fewest decimals that carry all values, which are those of the neediest: a number with d decimals has d + 1
// as well. So the search never goes back, but numbers found before it went on have to be made anew.
template <typename Convert>
bool with_fewest_decimals(std::span<const double> values, std::span<std::uint64_t> numbers,
                          std::size_t& decimals, Convert convert) {
  decimals = 0;
  std::size_t made_anew_below = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    while (!convert(values[i], decimals, numbers[i])) {
      if (++decimals == powers.size()) return false;
      made_anew_below = i;
    }
  }
  for (std::size_t i = 0; i < made_anew_below; ++i) {
    if (!convert(values[i], decimals, numbers[i]))
      return false;  // its digits fit no more: too many for this form
  }
  return true;
}

bool to_singles(std::span<const double> values, std::span<std::uint64_t> numbers) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i]) && std::abs(values[i]) > single_max) return false;
    const auto single = static_cast<float>(values[i]);
    if (pattern(static_cast<double>(single)) != pattern(values[i])) return false;
    numbers[i] = std::bit_cast<std::uint32_t>(single);
  }
  return true;
}

}  // namespace

ValueForm to_numbers(std::span<const double> values, std::span<std::uint64_t> numbers) {
  std::size_t decimals = 0;
  if (with_fewest_decimals(values, numbers, decimals, to_decimal)) return static_cast<ValueForm>(decimals);
  if (with_fewest_decimals(values, numbers, decimals, to_near)) {
    return static_cast<ValueForm>(near_form_first + decimals);
  }
  if (to_singles(values, numbers)) return single_form;
  for (std::size_t i = 0; i < values.size(); ++i) numbers[i] = pattern(values[i]);
  return exact_form;
}

void to_values(ValueForm form, std::span<const std::uint64_t> numbers, std::span<double> values) {
  if (form < near_form_first) {
    const double power = powers[form];
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = signed_double(numbers[i]) / power;
    return;
  }
  if (form < single_form) {
    const double power = powers[form - near_form_first];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto n = static_cast<std::uint64_t>(static_cast<std::int64_t>(numbers[i]) >> 3U);
      const std::uint64_t step = (numbers[i] & 7U) + static_cast<std::uint64_t>(step_low);
      values[i] = std::bit_cast<double>(pattern(signed_double(n) / power) + step);
    }
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = form == single_form
                    ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(numbers[i])))
                    : std::bit_cast<double>(numbers[i]);
  }
}

}  // namespace davy
