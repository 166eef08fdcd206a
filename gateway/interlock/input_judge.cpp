#include "gateway/interlock/input_judge.hpp"

#include <algorithm>
#include <cmath>

namespace davy {
namespace {

// By the number alone, had nobody touched the sensor.
Finding by_value(const LockInput& input, const InputReading& reading) {
  const bool high = input.side == Side::high;
  switch (reading.quality.validity) {
    case Validity::good:
      if (!std::isfinite(reading.value)) return Finding::lost;
      if (high ? reading.value >= input.trip_at : reading.value <= input.trip_at) return Finding::beyond;
      if (high ? reading.value < input.release_at : reading.value > input.release_at) return Finding::clear;
      return Finding::holding;
    case Validity::over_range: return high ? Finding::beyond : Finding::holding;
    case Validity::under_range: return high ? Finding::lost : Finding::beyond;
    case Validity::sensor_fault:
    case Validity::disconnected:
    case Validity::bad_comm:
    case Validity::not_read: return Finding::lost;
  }
  return Finding::lost;  // a code of a later version: unknown is dangerous
}

JudgedInput by_maintenance(Finding finding, Maintenance maintenance) {
  const bool beyond = finding == Finding::beyond;
  const Finding held = finding == Finding::clear ? Finding::holding : finding;
  switch (maintenance) {
    case Maintenance::none: return {.finding = finding};
    case Maintenance::calibrating:
    case Maintenance::low_supply: return {.finding = held};
    case Maintenance::forced: return {.finding = beyond ? finding : Finding::lost};
    case Maintenance::warming_up:
    case Maintenance::inhibited: break;
  }
  return {.finding = beyond ? finding : Finding::lost, .doubtful = beyond};
}

}  // namespace

JudgedInput judge_input(const LockInput& input, Duration stale_after, const InputReading& reading,
                        SteadyTime now) {
  if (now - reading.at > stale_after) return {};
  JudgedInput out = by_maintenance(by_value(input, reading), reading.quality.maintenance);
  out.known = out.finding != Finding::lost && may_clear(reading.quality);
  if (out.finding != Finding::lost) out.stale_at = reading.at + stale_after + Duration{1};
  return out;
}

JudgedInput judge_fans(std::span<const LockInput> inputs, std::span<const JudgedInput> judged) {
  JudgedInput out{.finding = Finding::beyond, .known = true};
  bool lost = false;
  bool runs = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].role != InputRole::fan) continue;
    const JudgedInput& fan = judged[i];
    lost = lost || fan.finding == Finding::lost;
    runs = runs || fan.finding == Finding::clear;
    if (fan.finding != Finding::beyond) out.finding = Finding::holding;
    out.doubtful = out.doubtful || fan.doubtful;
    out.known = out.known && fan.known;
    out.stale_at = std::min(out.stale_at, fan.stale_at);
  }
  if (runs) out.finding = Finding::clear;
  if (lost || (out.doubtful && out.finding != Finding::beyond)) return {};
  return out;
}

}  // namespace davy
