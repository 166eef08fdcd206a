#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "proto/wire/gateway_config.hpp"
#include "proto/wire/profile.hpp"

namespace davy {

// One request of a plan: `count` registers or bits from `address` on.
struct PlannedRead {
  RegisterTable table{};
  std::uint16_t address = 0;
  std::uint16_t count = 0;

  bool operator==(const PlannedRead&) const = default;
};

// What reading costs a bus: asking once more, and reading one register more along.
struct ReadCost {
  std::chrono::nanoseconds request{};
  std::chrono::nanoseconds per_register{};  // sixteen bits count as one
};
// On a serial line a request and its reply take 13 characters beside the data, `turnaround` (which holds the
// silence before the reply) and t3.5 or the device's longer pause behind it. Over TCP only the turnaround.
ReadCost read_cost(const BusSettings& bus, std::chrono::microseconds turnaround, Duration pause_after_reply);
std::chrono::nanoseconds cost_of(const PlannedRead& read, const ReadCost& cost);
// Of a device nobody has heard yet: t3.5 and 5 ms on a line, 5 ms over TCP.
std::chrono::microseconds assumed_turnaround(const BusSettings& bus);

// Addresses that no request may reach over: a device has refused it. A request begins at one, or ends before.
using Borders = std::set<std::pair<RegisterTable, std::uint32_t>>;

// Does this status word say anything about this signal?
bool applies_to(const StatusProfile& status, const SignalProfile& signal);

// The cheapest requests that read these signals (positions in the profile) and the status words that apply to
// them. No request is longer than the profile allows, reads along more than its gap_registers_max addresses
// nobody wants between two wanted ones, or reaches over a border; none begins or ends with an unwanted one,
// and no signal is torn across two.
std::vector<PlannedRead> plan_reads(const DeviceProfile& profile, std::span<const std::uint32_t> signals,
                                    const ReadCost& cost, const Borders& borders = {});

// A device has refused this request: the borders to plan with from now on. First it is asked without what
// nobody wants, then in halves, until what it refuses stands alone. False when there is nothing left to
// split.
bool split_refused(const DeviceProfile& profile, std::span<const std::uint32_t> signals,
                   const PlannedRead& refused, Borders& borders);

// Does the request read all of [address, address + count) of the table?
bool covers(const PlannedRead& read, RegisterTable table, std::uint16_t address, std::uint16_t count);

}  // namespace davy
