#pragma once

#include <cstdint>
#include <optional>

namespace davy {

// Turns the stamps of a controller's own clock into the system's time. The controller stamps a frame on the
// wire, the kernel some time later: the smallest difference seen of late is the difference of the two clocks.
// Never later than the kernel's stamp, and never more than `delay_max_ns` before it; a clock that is set, or
// a controller that starts anew, begins anew here.
class HardwareStamp {
 public:
  static constexpr std::int64_t delay_max_ns = 250'000'000;

  // Both stamps of one frame, in nanoseconds; the result is the system's time on the wire.
  std::int64_t system_time(std::int64_t hardware_ns, std::int64_t kernel_ns);

 private:
  static constexpr std::int64_t window_ns = 10'000'000'000;  // two clocks drift apart by 1 ms in it at most

  void begin(std::int64_t hardware_ns, std::int64_t difference);

  std::optional<std::int64_t> last_hardware_;
  std::int64_t window_began_ = 0;
  std::int64_t smallest_ = 0;         // of this window
  std::int64_t smallest_before_ = 0;  // of the one before
};

}  // namespace davy
