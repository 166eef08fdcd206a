#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "drivers/api/register_bus.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// What a driver got for one signal: a number and how far it can be trusted, no time yet.
struct Reading {
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN unless has_value(quality.validity)
  Quality quality{.validity = Validity::not_read};
};

// How asking a device went, beside the readings.
struct DeviceReport {
  std::uint32_t requests = 0;
  std::uint32_t failed = 0;
  BusFault last_fault = BusFault::none;
  std::string message;  // of the last fault
  bool answered() const { return failed < requests; }
};

// Reads one field device. Blocking; called only from that device's bus thread.
// Never throws, retries or sleeps; the scanner owns schedule and retry.
class SensorDriver {
 public:
  virtual ~SensorDriver() = default;
  // Fills out[i] for the i-th configured point of the device. A silent device gives bad_comm readings, not an
  // error.
  virtual DeviceReport read(std::span<Reading> out) = 0;
};

}  // namespace davy
