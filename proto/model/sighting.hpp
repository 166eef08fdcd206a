#pragma once

#include <cstdint>
#include <string>

#include "proto/base/clock.hpp"

namespace davy {

// A positioning tag seen by a reader.
struct Sighting {
  std::uint64_t tag = 0;
  std::string reader;  // the reader's name in the gateway's configuration
  WallTime source_time;
  std::int32_t distance_cm = 0;  // signed: the sign tells the side of the reader; 0 when it only knows "near"
  std::int16_t rssi_dbm = 0;     // 0 when the reader does not tell
  bool sos = false;
  bool low_battery = false;

  bool operator==(const Sighting&) const = default;
};

}  // namespace davy
