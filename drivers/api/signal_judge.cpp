#include "drivers/api/signal_judge.hpp"

#include <algorithm>

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

Reading judge_validity(const SignalProfile& signal, std::optional<double> number, FlagSet flags) {
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

Reading judge_number(const SignalProfile& signal, std::optional<double> number, FlagSet flags) {
  Reading reading = judge_validity(signal, number, flags);
  reading.quality.maintenance = worst_maintenance(flags);
  return reading;
}

}  // namespace davy
