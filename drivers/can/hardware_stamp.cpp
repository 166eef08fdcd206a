#include "drivers/can/hardware_stamp.hpp"

#include <algorithm>

namespace davy {

void HardwareStamp::begin(std::int64_t hardware_ns, std::int64_t difference) {
  window_began_ = hardware_ns;
  smallest_ = difference;
  smallest_before_ = difference;
}

std::int64_t HardwareStamp::system_time(std::int64_t hardware_ns, std::int64_t kernel_ns) {
  const std::int64_t difference = kernel_ns - hardware_ns;
  if (!last_hardware_ || hardware_ns < *last_hardware_) begin(hardware_ns, difference);
  last_hardware_ = hardware_ns;
  if (hardware_ns - window_began_ >= window_ns) {
    window_began_ = hardware_ns;
    smallest_before_ = smallest_;
    smallest_ = difference;
  }
  smallest_ = std::min(smallest_, difference);
  const std::int64_t best = std::min(smallest_, smallest_before_);
  if (difference - best <= delay_max_ns) return hardware_ns + best;
  begin(hardware_ns, difference);  // not a delay: one of the clocks was set
  return kernel_ns;
}

}  // namespace davy
