#pragma once

#include <cstdint>
#include <string>

#include "drivers/api/register_bus.hpp"

namespace davy {

// One signal read live while its profile is being made.
struct Trial {
  bool good = false;  // a value within its range
  std::string text;   // what was read; when it cannot be, what may be meant instead
};
Trial try_signal(const SignalProfile& signal, RegisterBus& bus, std::uint8_t unit, Duration wait);

}  // namespace davy
