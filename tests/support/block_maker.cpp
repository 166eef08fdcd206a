#include "tests/support/block_maker.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "proto/wire/limits.hpp"

namespace davy::test {

double BlockMaker::value(std::uint64_t kind) {
  const auto raw = static_cast<double>(below(4000)) - 200;
  switch (kind) {
    case 0: return raw / 100;       // as written with two decimals
    case 1: return raw * 0.01;      // as a driver scales it
    case 2: return raw * 0.1 - 40;  // with an offset: cancellation
    case 3: return static_cast<double>(static_cast<float>(raw) * 0.037F);
    case 4: return std::bit_cast<double>(random_());  // any pattern, NaNs with payload among them
    case 5: return below(2) == 0 ? 0.0 : -0.0;
    case 6: return walk_ += static_cast<double>(below(7)) - 3;
    case 7: return static_cast<double>(below(UINT64_C(1) << 53U)) / 1e15;
    case 8: return std::bit_cast<double>(below(1000));  // denormal
    case 9: return std::ldexp(1.0, static_cast<int>(below(2098)) - 1074);
    case 10: return below(3) == 0 ? -255 : raw / 10;  // the codes of old sensors
    case 11: return std::numeric_limits<double>::infinity() * (below(2) == 0 ? 1 : -1);
    default: return 1;
  }
}

WallTime BlockMaker::time(std::uint64_t kind, WallTime opened, std::size_t i) {
  return wall_from_ms(clamp_time_ms(to_ms(unbounded_time(kind, opened, i))));
}

WallTime BlockMaker::unbounded_time(std::uint64_t kind, WallTime opened, std::size_t i) {
  const Duration beat{1000 * static_cast<std::int64_t>(i)};
  switch (kind) {
    case 0: return opened + beat;
    case 1: return opened + beat + Duration{below(40)};
    case 2: return opened + Duration{static_cast<std::int64_t>(below(4'000'000)) - 2'000'000};
    case 3: return wall_from_ms(static_cast<std::int64_t>(below(UINT64_C(1) << 54U)) - time_ms_max);
    case 4: return below(2) == 0 ? wall_from_ms(time_ms_max) : wall_from_ms(-time_ms_max);
    default: return opened;
  }
}

Quality BlockMaker::quality(std::uint64_t kind) {
  if (kind == 0 || (kind == 1 && below(20) != 0)) return {};
  return {static_cast<Validity>(below(7)), static_cast<Maintenance>(below(6)),
          static_cast<LimitState>(below(4)), static_cast<Feed>(below(4))};
}

Block BlockMaker::make() {
  Block out{.header = block_header(below(3) == 0 ? 1 : 1 + random_() / 2)};
  out.header.boot = random_();
  out.header.urgent = below(2) == 0;
  out.header.clock = static_cast<ClockQuality>(below(4));
  out.header.opened_at = time(below(5), out.header.opened_at, 0);
  const auto size = static_cast<std::size_t>(below(3) == 0 ? below(8) : below(block_entries_max + 1));
  const std::uint64_t points = 1 + below(below(2) == 0 ? 8 : points_max);
  const std::uint64_t value_kind = below(14);  // the last one: of every kind
  const std::uint64_t time_kind = below(6);
  const std::uint64_t quality_kind = below(3);
  for (std::size_t i = 0; i < size; ++i) {
    const bool ordinary = below(30) != 0;
    if (ordinary || below(2) == 0) {
      const Quality q = quality(quality_kind);
      const auto index = below(2) == 0 ? i % points : below(points);
      out.samples.push_back(
          {.point = PointIndex{static_cast<std::uint32_t>(index)},
           .value = value(value_kind == 13 ? below(13) : value_kind),
           .quality = q,
           .source_time = time(time_kind, out.header.opened_at, static_cast<std::size_t>(i / points))});
      if (!has_value(q.validity)) out.samples.back().value = std::numeric_limits<double>::quiet_NaN();
    } else if (below(2) == 0) {
      out.sightings.push_back({.tag = random_(),
                               .reader = "reader-" + std::to_string(below(100)),
                               .source_time = time(time_kind, out.header.opened_at, i),
                               .distance_cm = static_cast<std::int32_t>(random_()),
                               .rssi_dbm = static_cast<std::int16_t>(random_()),
                               .sos = below(2) == 0,
                               .low_battery = below(2) == 0});
    } else {
      out.events.push_back({.kind = static_cast<EventKind>(1 + below(9)),
                            .at = time(time_kind, out.header.opened_at, i),
                            .first = random_(),
                            .last = random_(),
                            .text = std::string(static_cast<std::size_t>(below(event_text_size_max)), 'x')});
    }
  }
  return out;
}

Block as_decoded(Block block) {
  std::ranges::stable_sort(block.samples, {}, &Sample::point);
  for (Sample& sample : block.samples) {
    if (!has_value(sample.quality.validity)) sample.value = std::numeric_limits<double>::quiet_NaN();
  }
  return block;
}

bool same(const Block& a, const Block& b) {
  return a.header == b.header && a.sightings == b.sightings && a.events == b.events &&
         std::ranges::equal(a.samples, b.samples, [](const Sample& x, const Sample& y) {
           return x.point == y.point && x.quality == y.quality && x.source_time == y.source_time &&
                  std::bit_cast<std::uint64_t>(x.value) == std::bit_cast<std::uint64_t>(y.value);
         });
}

}  // namespace davy::test
