#include "drivers/modbus/read_plan.hpp"

#include <algorithm>
#include <tuple>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

struct Span {
  RegisterTable table{};
  std::uint32_t first = 0;
  std::uint32_t end = 0;  // one behind the last: may be 65536
};

std::vector<Span> wanted(const DeviceProfile& profile, std::span<const std::uint32_t> signals) {
  std::vector<Span> spans;
  for (const std::uint32_t i : signals) {
    DAVY_ASSERT(i < profile.signals.size());
    const SignalProfile& signal = profile.signals[i];
    spans.push_back(
        {signal.table, signal.address, signal.address + std::uint32_t{register_count(signal.encoding)}});
    for (const StatusProfile& status : profile.statuses) {
      if (applies_to(status, signal)) spans.push_back({status.table, status.address, status.address + 1U});
    }
  }
  std::ranges::sort(spans, {}, [](const Span& s) { return std::tuple{s.table, s.first, s.end}; });
  return spans;
}

PlannedRead request(const Span& s) {
  return {s.table, static_cast<std::uint16_t>(s.first), static_cast<std::uint16_t>(s.end - s.first)};
}

}  // namespace

bool applies_to(const StatusProfile& status, const SignalProfile& signal) {
  return status.applies_to.empty() ||
         std::ranges::find(status.applies_to, signal.name) != status.applies_to.end();
}

// In the order of their first address, each span joins the request being built unless it is too far away or
// would make it too long. A request has to begin at the first span not yet read, so reaching as far as it can
// is never a bad choice: whatever a later start could reach, the next request reaches too.
std::vector<PlannedRead> plan_reads(const DeviceProfile& profile, std::span<const std::uint32_t> signals) {
  std::vector<PlannedRead> plan;
  Span building;
  for (const Span& next : wanted(profile, signals)) {
    const std::uint32_t count_max =
        is_bits(next.table) ? profile.bits_per_request_max : profile.registers_per_request_max;
    const std::uint32_t end = std::max(building.end, next.end);
    const bool joins = building.end != 0 && building.table == next.table &&
                       next.first <= building.end + profile.gap_registers_max &&
                       end - building.first <= count_max;
    if (joins) {
      building.end = end;
      continue;
    }
    if (building.end != 0) plan.push_back(request(building));
    building = next;
  }
  if (building.end != 0) plan.push_back(request(building));
  return plan;
}

bool covers(const PlannedRead& read, RegisterTable table, std::uint16_t address, std::uint16_t count) {
  return read.table == table && read.address <= address && address + count <= read.address + read.count;
}

}  // namespace davy
