#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proto/model/sighting.hpp"

namespace davy {

// A sighting as a reader puts it, whatever way it comes. Fields that the reader does not tell are empty.
struct RawSighting {
  std::uint64_t tag = 0;  // 0: none; the place is empty
  std::optional<std::uint64_t> number;
  std::optional<double> distance_m;
  bool before = false;  // the distance counts as negative
  std::optional<double> rssi_dbm;
  std::optional<double> age_s;
  bool sos = false;
  bool low_battery = false;
};

// It was seen `age_s` before it arrived. Numbers that a Sighting cannot hold become the nearest that it can.
Sighting sighting_from(const RawSighting& raw, const std::string& reader, WallTime arrived);

}  // namespace davy
