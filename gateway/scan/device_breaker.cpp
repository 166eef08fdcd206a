#include "gateway/scan/device_breaker.hpp"

#include <algorithm>

namespace davy {

void DeviceBreaker::on_answer() {
  failures_ = 0;
  probes_ = 0;
  probe_wait_ = probe_wait_first;
}

void DeviceBreaker::on_silence(SteadyTime started) {
  if (dead()) probes_ += 1;
  failures_ = std::min(failures_ + 1, failures_until_dead);
  if (!dead()) return;
  probe_due_ = started + probe_wait_;
  probe_wait_ = std::min(2 * probe_wait_, probe_wait_max);
}

}  // namespace davy
