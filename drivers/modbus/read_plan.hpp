#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "proto/wire/profile.hpp"

namespace davy {

// One request of a plan: `count` registers or bits from `address` on.
struct PlannedRead {
  RegisterTable table{};
  std::uint16_t address = 0;
  std::uint16_t count = 0;

  bool operator==(const PlannedRead&) const = default;
};

// Does this status word say anything about this signal?
bool applies_to(const StatusProfile& status, const SignalProfile& signal);

// The fewest requests that read these signals (positions in the profile) and the status words that apply to
// them. No request is longer than the profile allows or reads along more than gap_registers_max addresses
// nobody wants between two wanted ones; none begins or ends with an unwanted one, and no signal is torn
// across two.
std::vector<PlannedRead> plan_reads(const DeviceProfile& profile, std::span<const std::uint32_t> signals);

// Does the request read all of [address, address + count) of the table?
bool covers(const PlannedRead& read, RegisterTable table, std::uint16_t address, std::uint16_t count);

}  // namespace davy
