#pragma once

#include <cstdint>
#include <optional>

#include "drivers/api/reading.hpp"
#include "proto/wire/profile.hpp"

namespace davy {

// What a device says of itself through status words and special raw numbers; any number of flags at once.
class FlagSet {
 public:
  constexpr void add(QualityFlag flag) { bits_ |= 1U << static_cast<unsigned>(flag); }
  constexpr void add(FlagSet other) { bits_ |= other.bits_; }
  constexpr bool has(QualityFlag flag) const { return (bits_ >> static_cast<unsigned>(flag) & 1U) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

  constexpr bool operator==(const FlagSet&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

// A signal's reading from its number, if it is one, and what its device says of it.
//
// Validity, the strongest statement first:
//   over_range     the device says so: a statement about the air, not to be lost behind a fault flag
//   disconnected, sensor_fault   the device says so, or the number is none (NaN, no digits, a code without a
//                  number)
//   under_range    the device says so
//   over_range, under_range      the number is beyond the measuring range
// A number beyond the range is not believed against a fault flag. Over range shows at least the top of the
// range, under range at most its bottom. Of several maintenance flags: forced, inhibited, calibrating,
// warming_up, low_supply.
Reading judge_number(const SignalProfile& signal, std::optional<double> number, FlagSet flags);

}  // namespace davy
