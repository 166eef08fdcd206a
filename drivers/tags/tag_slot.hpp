#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "drivers/tags/raw_sighting.hpp"
#include "proto/wire/profile.hpp"

namespace davy {

// One slot of a reader's registers made ready to be read.
class TagSlot {
 public:
  explicit TagSlot(const TagSlotProfile& profile);

  // `registers`: those of the slot, all of them.
  RawSighting decode(std::span<const std::uint16_t> registers) const;
  bool aged() const { return age_.has_value(); }
  bool numbered() const { return profile_.number_register.has_value(); }

 private:
  TagSlotProfile profile_;
  // As signals, so that numbers in slots are read as all other registers are.
  std::optional<SignalProfile> distance_;
  std::optional<SignalProfile> rssi_;
  std::optional<SignalProfile> age_;
};

}  // namespace davy
