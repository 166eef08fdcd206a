#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "drivers/api/register_bus.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// What a driver got for one signal: a number and how far it can be trusted, no time yet.
struct Reading {
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN unless has_value(quality.validity)
  Quality quality{.validity = Validity::not_read};
};

// The same with the time at which the last thing it was made of had arrived.
struct PointReading {
  Reading reading;
  WallTime at;
};

// How asking a device went, beside the readings.
struct DeviceReport {
  std::uint32_t requests = 0;
  std::uint32_t failed = 0;
  BusFault last_fault = BusFault::none;
  std::string message;  // of the last fault
  bool answered() const { return failed < requests; }
};

}  // namespace davy
