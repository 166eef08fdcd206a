#include "drivers/modbus/decode.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "drivers/modbus/register_codec.hpp"

namespace davy {
namespace {

Maintenance worst_maintenance(FlagSet flags) {
  if (flags.has(QualityFlag::forced)) return Maintenance::forced;
  if (flags.has(QualityFlag::inhibited)) return Maintenance::inhibited;
  if (flags.has(QualityFlag::calibrating)) return Maintenance::calibrating;
  if (flags.has(QualityFlag::warming_up)) return Maintenance::warming_up;
  if (flags.has(QualityFlag::low_supply)) return Maintenance::low_supply;
  return Maintenance::none;
}

// The number that means something, if there is one, and the flags that special raw numbers add.
struct Measured {
  std::optional<double> number;
  FlagSet flags;
};

// A float's raw number is its bits; a profile may write those as a negative number.
bool is_meant(const SignalProfile& signal, const RawMeaning& meaning, std::int64_t raw) {
  if (signal.encoding != Encoding::float32) return meaning.raw == raw;
  return static_cast<std::uint32_t>(meaning.raw) == static_cast<std::uint32_t>(raw);
}

Measured measure(const SignalProfile& signal, std::span<const std::uint16_t> registers) {
  Measured m;
  const auto raw = raw_number(signal, registers);
  if (!raw) return m;
  for (const RawMeaning& meaning : signal.raw_meanings) {
    if (is_meant(signal, meaning, *raw)) m.flags.add(meaning.means);
  }
  if (m.flags.empty()) m.number = scaled(signal, *raw);
  return m;
}

Reading with_value(Validity validity, double value) { return {value, {.validity = validity}}; }
Reading without_value(Validity validity) { return {.quality = {.validity = validity}}; }

Reading at_least_top(const SignalProfile& signal, std::optional<double> number) {
  if (!number && !signal.range_high) return without_value(Validity::sensor_fault);
  const double top = signal.range_high.value_or(*number);
  return with_value(Validity::over_range, std::max(top, number.value_or(top)));
}

Reading at_most_bottom(const SignalProfile& signal, std::optional<double> number) {
  if (!number && !signal.range_low) return without_value(Validity::sensor_fault);
  const double bottom = signal.range_low.value_or(*number);
  return with_value(Validity::under_range, std::min(bottom, number.value_or(bottom)));
}

Reading judge(const SignalProfile& signal, std::optional<double> number, FlagSet flags) {
  if (flags.has(QualityFlag::over_range)) return at_least_top(signal, number);
  if (flags.has(QualityFlag::disconnected)) return without_value(Validity::disconnected);
  if (flags.has(QualityFlag::sensor_fault)) return without_value(Validity::sensor_fault);
  if (flags.has(QualityFlag::under_range)) return at_most_bottom(signal, number);
  if (!number) return without_value(Validity::sensor_fault);
  if (signal.range_high && *number > *signal.range_high) return with_value(Validity::over_range, *number);
  if (signal.range_low && *number < *signal.range_low) return with_value(Validity::under_range, *number);
  return with_value(Validity::good, *number);
}

}  // namespace

FlagSet status_flags(const StatusProfile& status, std::uint16_t word) {
  FlagSet flags;
  for (const StatusBit& bit : status.bits) {
    const bool set = ((std::uint32_t{word} >> bit.number) & 1U) != 0;
    if (set == bit.when) flags.add(bit.means);
  }
  for (const StatusCode& code : status.codes) {
    if ((word & status.code_mask) == code.value) flags.add(code.means);
  }
  return flags;
}

Reading decode_signal(const SignalProfile& signal, std::span<const std::uint16_t> registers, FlagSet flags) {
  const Measured measured = measure(signal, registers);
  flags.add(measured.flags);
  Reading reading = judge(signal, measured.number, flags);
  reading.quality.maintenance = worst_maintenance(flags);
  return reading;
}

}  // namespace davy
