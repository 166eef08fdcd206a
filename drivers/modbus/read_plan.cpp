#include "drivers/modbus/read_plan.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "drivers/modbus/line_timing.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

// Unit, function, address, count, checksum; and of the reply unit, function, byte count, checksum.
constexpr std::size_t characters_beside_data = 8 + 5;
constexpr microseconds thinking_time{5000};
constexpr nanoseconds tcp_register{200};  // 16 bits at 100 Mbit/s, and both ends' handling

struct Span {
  RegisterTable table{};
  std::uint32_t first = 0;
  std::uint32_t end = 0;  // one behind the last: may be 65536

  bool operator==(const Span&) const = default;
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
  spans.erase(std::ranges::unique(spans).begin(), spans.end());
  return spans;
}

PlannedRead request(RegisterTable table, std::uint32_t first, std::uint32_t end) {
  return {table, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(end - first)};
}

// May the request that reads [first, end) go on to `next`?
struct Rules {
  const DeviceProfile& profile;
  const Borders& borders;

  bool joins(RegisterTable table, std::uint32_t first, std::uint32_t end, const Span& next) const {
    const std::uint32_t count_max =
        is_bits(table) ? profile.bits_per_request_max : profile.registers_per_request_max;
    if (next.table != table || std::max(end, next.end) - first > count_max) return false;
    if (profile.gap_registers_max && next.first > end + *profile.gap_registers_max) return false;
    const auto border = borders.lower_bound({table, end});
    return border == borders.end() || border->first != table || border->second > next.first;
  }
};

}  // namespace

bool applies_to(const StatusProfile& status, const SignalProfile& signal) {
  return status.applies_to.empty() ||
         std::ranges::find(status.applies_to, signal.name) != status.applies_to.end();
}

microseconds assumed_turnaround(const BusSettings& bus) {
  const auto* line = std::get_if<RtuSettings>(&bus.endpoint);
  return line == nullptr ? thinking_time : thinking_time + frame_silence(line->serial);
}

ReadCost read_cost(const BusSettings& bus, microseconds turnaround, Duration pause_after_reply) {
  const microseconds pause = pause_after_reply;
  const auto* line = std::get_if<RtuSettings>(&bus.endpoint);
  if (line == nullptr) return {turnaround + pause, tcp_register};
  return {wire_time(line->serial, characters_beside_data) + turnaround +
              std::max(pause, frame_silence(line->serial)),
          wire_time(line->serial, 2)};
}

nanoseconds cost_of(const PlannedRead& read, const ReadCost& cost) {
  const std::int64_t registers = is_bits(read.table) ? (read.count + 15) / 16 : read.count;
  return cost.request + registers * cost.per_register;
}

// The cheapest way to read the first n spans ends with one request over the last few of them; which, is tried
// out for every n.
std::vector<PlannedRead> plan_reads(const DeviceProfile& profile, std::span<const std::uint32_t> signals,
                                    const ReadCost& cost, const Borders& borders) {
  const std::vector<Span> spans = wanted(profile, signals);
  const Rules rules{profile, borders};
  struct Best {
    nanoseconds cost = nanoseconds::max();
    std::size_t from = 0;  // the last request begins with this span
    std::uint32_t end = 0;
  };
  std::vector<Best> best(spans.size() + 1);
  best[0].cost = nanoseconds{0};
  for (std::size_t from = 0; from < spans.size(); ++from) {
    const auto [table, first, unused] = spans[from];
    std::uint32_t end = first;
    for (std::size_t last = from; last < spans.size(); ++last) {
      if (last > from && !rules.joins(table, first, end, spans[last])) break;
      end = std::max(end, spans[last].end);
      const nanoseconds whole = best[from].cost + cost_of(request(table, first, end), cost);
      if (whole <= best[last + 1].cost) best[last + 1] = {whole, from, end};
    }
  }
  std::vector<PlannedRead> plan;
  for (std::size_t n = spans.size(); n > 0; n = best[n].from) {
    const Span& first = spans[best[n].from];
    plan.push_back(request(first.table, first.first, best[n].end));
  }
  std::ranges::reverse(plan);
  return plan;
}

bool split_refused(const DeviceProfile& profile, std::span<const std::uint32_t> signals,
                   const PlannedRead& refused, Borders& borders) {
  const std::uint32_t refused_end = refused.address + std::uint32_t{refused.count};
  std::vector<std::uint32_t> gaps;     // where the wanted begins again behind something unwanted
  std::vector<std::uint32_t> between;  // where one wanted span ends and the next begins
  std::uint32_t end = refused.address;
  for (const Span& span : wanted(profile, signals)) {
    if (span.table != refused.table || span.first < refused.address || span.end > refused_end) continue;
    if (span.first > end) gaps.push_back(span.first);
    if (span.first == end && end != refused.address) between.push_back(span.first);
    end = std::max(end, span.end);
  }
  if (!gaps.empty()) {
    for (const std::uint32_t at : gaps) borders.emplace(refused.table, at);
    return true;
  }
  if (between.empty()) return false;
  borders.emplace(refused.table, between[between.size() / 2]);
  return true;
}

bool covers(const PlannedRead& read, RegisterTable table, std::uint16_t address, std::uint16_t count) {
  return read.table == table && read.address <= address && address + count <= read.address + read.count;
}

}  // namespace davy
