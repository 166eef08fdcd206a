#include "host/ingest/boot_clocks.hpp"

#include <algorithm>

namespace davy {
namespace {
// An estimate that moved by less is not worth a write.
constexpr Duration keep_step{50};
}  // namespace

void BootClocks::restore(const ClockRow& row) {
  boots_.push_back({.number = row.boot,
                    .wall_minus_steady = row.wall_minus_steady,
                    .heard = row.heard,
                    .kept = row.wall_minus_steady});
  std::ranges::stable_sort(boots_, {}, &Boot::heard);
  if (boots_.size() > boots_max) boots_.erase(boots_.begin());
}

BootClocks::Boot* BootClocks::find(std::uint64_t number) {
  const auto at = std::ranges::find(boots_, number, &Boot::number);
  return at == boots_.end() ? nullptr : &*at;
}

void BootClocks::heard(std::uint64_t number, SteadyTime gateway, Now host) {
  const Duration difference = host.steady - gateway;
  Boot* boot = find(number);
  if (boot == nullptr) {
    if (boots_.size() >= boots_max) boots_.erase(boots_.begin());
    boots_.push_back({.number = number});
  } else if (boot != &boots_.back()) {
    std::rotate(boots_.begin() + (boot - boots_.data()), boots_.begin() + (boot - boots_.data()) + 1,
                boots_.end());
  }
  Boot& b = boots_.back();
  if (host.steady >= b.window_end) {
    const bool right_after = host.steady < b.window_end + window;
    b.smallest_before = right_after ? b.smallest : difference;
    b.smallest = difference;
    b.window_end = host.steady + window;
  }
  b.smallest = std::min(b.smallest, difference);
  b.wall_minus_steady = std::min(b.smallest, b.smallest_before) +
                        (host.wall.time_since_epoch() - host.steady.time_since_epoch());
  b.heard = host.wall;
}

std::optional<Duration> BootClocks::wall_minus_steady(std::uint64_t boot) const {
  const auto at = std::ranges::find(boots_, boot, &Boot::number);
  if (at == boots_.end()) return std::nullopt;
  return at->wall_minus_steady;
}

std::optional<ClockRow> BootClocks::take_row(GatewayId gateway, WallTime now) {
  if (boots_.empty()) return std::nullopt;
  Boot& b = boots_.back();
  if (b.kept && std::chrono::abs(*b.kept - b.wall_minus_steady) < keep_step) return std::nullopt;
  b.kept = b.wall_minus_steady;
  return ClockRow{gateway, b.number, b.wall_minus_steady, now};
}

BlockTime judge_time(const BlockHeader& header, WallTime newest, std::optional<Duration> wall_minus_steady,
                     Duration error_max, WallTime received) {
  if (wall_minus_steady) {
    const WallTime opened{header.opened_steady.time_since_epoch() + *wall_minus_steady};
    const Duration error = header.opened_at - opened;
    if (std::chrono::abs(error) <= error_max) return {};
    return {error, ClockMark::corrected};
  }
  const bool trusted = header.clock == ClockQuality::free || header.clock == ClockQuality::synced;
  const ClockMark mark = trusted ? ClockMark::ok : ClockMark::unknown;
  if (newest - received <= error_max) return {Duration{0}, mark};
  return {newest - received, trusted ? ClockMark::corrected : ClockMark::unknown};
}

}  // namespace davy
