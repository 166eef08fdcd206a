#include "gateway/scan/device_schedule.hpp"

#include <algorithm>

namespace davy {

void DeviceSchedule::take_round(SteadyTime now) {
  const auto missed = std::max<std::int64_t>((now - round_due_) / period_, 0);
  missed_rounds_ += static_cast<std::uint64_t>(missed);
  round_due_ += (missed + 1) * period_;
}

void DeviceSchedule::on_answer() {
  failures_ = 0;
  probe_wait_ = probe_wait_first;
}

void DeviceSchedule::on_silence(SteadyTime started) {
  failures_ = std::min(failures_ + 1, failures_until_dead);
  if (!dead()) return;
  probe_due_ = started + probe_wait_;
  probe_wait_ = std::min(2 * probe_wait_, probe_wait_max);
}

}  // namespace davy
