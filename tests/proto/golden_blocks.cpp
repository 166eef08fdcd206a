#include "tests/proto/golden_blocks.hpp"

#include <bit>
#include <cmath>
#include <cstdio>
#include <limits>

#include "proto/wire/hash.hpp"
#include "proto/wire/limits.hpp"
#include "tests/support/block_maker.hpp"

namespace davy::test {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr Quality lost{.validity = Validity::bad_comm};

void add(Block& block, std::uint32_t point, double value, std::int64_t after_ms, Quality quality = {}) {
  block.samples.push_back({PointIndex{point}, value, quality, block.header.opened_at + Duration{after_ms}});
}

// The one that docs/protocol.md takes apart: methane and temperature of one head, which falls silent at last.
Block worked_example() {
  Block out{.header = block_header()};
  add(out, 0, 0.46, 0);
  add(out, 1, 21.5, 14);
  add(out, 0, 0.46, 1000);
  add(out, 1, 21.5, 1014);
  add(out, 0, 0.47, 2003);
  add(out, 1, none, 2017, lost);
  out.events.push_back(
      {.kind = EventKind::bus_fault, .at = out.header.opened_at + Duration{2017}, .text = "face: 断线"});
  return out;
}

Block first_of_stream() {
  Block out{.header = block_header(1)};
  out.header.clock = ClockQuality::unset;
  out.header.opened_at = wall_from_ms(-5000);
  out.events.push_back({.kind = EventKind::started, .at = out.header.opened_at, .text = "0.1.0"});
  return out;
}

// Every form of values, each with a sample that has none.
Block forms() {
  Block out{.header = block_header()};
  for (std::int64_t i = 0; i < 5; ++i) {
    const auto n = static_cast<double>(i);
    const bool gone = i == 2;
    const auto value = [&](double v) { return gone ? none : v; };
    const Quality quality = gone ? lost : Quality{};
    add(out, 0, value(1000 + n), 1000 * i, quality);                                     // decimal, 0
    add(out, 1, value((-7 + n) / 1000), 1000 * i, quality);                              // decimal, 3
    add(out, 2, value((57 + n) * 0.01), 1000 * i, quality);                              // near, 2
    add(out, 3, value(static_cast<double>(0.46F + static_cast<float>(i))), 0, quality);  // single
    add(out, 4, value(std::sqrt(n)), 1000 * i, quality);                                 // exact
    add(out, 5, value(i == 3 ? -0.0 : 0.0), 1000 * i, quality);     // single, for minus zero
    add(out, 6, none, 1000 * i, {.validity = Validity::not_read});  // no form at all
  }
  return out;
}

// Points far apart, unequal counts, times back and forth, every field of the quality.
Block shapes() {
  Block out{.header = block_header(UINT64_MAX)};
  out.header.urgent = true;
  out.header.boot = UINT64_MAX;
  out.header.opened_steady = steady_from_ms(time_ms_max);
  for (std::int64_t i = 0; i < 9; ++i) {
    for (const std::uint32_t point : {4095U, 17U, 18U, 19U, 305U}) {
      if (static_cast<std::uint32_t>(i) >= point % 10) continue;
      const Quality quality{static_cast<Validity>(i % 3), static_cast<Maintenance>(i % 6),
                            static_cast<LimitState>(i % 4), static_cast<Feed>((i + 1) % 4)};
      add(out, point, static_cast<double>(i * i) / 8, (i % 4) * 137 - i * i * 40, quality);
    }
  }
  add(out, 0, 1e300, time_ms_max - to_ms(out.header.opened_at));
  add(out, 1, -1e-300, -time_ms_max - to_ms(out.header.opened_at));
  return out;
}

Block people() {
  Block out{.header = block_header()};
  out.header.urgent = true;
  const WallTime t = out.header.opened_at;
  out.sightings = {
      {.tag = 0x0102030405060708, .reader = "井口-1", .source_time = t - Duration{40}, .distance_cm = -350},
      {.tag = UINT64_MAX, .reader = "r2", .source_time = t, .rssi_dbm = -71, .sos = true},
      {.tag = 7, .reader = "r2", .source_time = t + Duration{99}, .distance_cm = 1, .low_battery = true}};
  out.events = {{.kind = EventKind::clock_stepped, .at = t, .first = static_cast<std::uint64_t>(-3600000LL)},
                {.kind = EventKind::blocks_dropped, .at = t, .first = 2, .last = 5, .text = "spool full"}};
  return out;
}

// Values that no form makes small, repeated: worth a compressor.
Block compressed() {
  Block out{.header = block_header()};
  for (std::uint32_t i = 0; i < block_entries_max; ++i) {
    add(out, i % 4, std::sqrt(static_cast<double>(2 + i / 32 % 3)), 250 * static_cast<std::int64_t>(i / 4));
  }
  return out;
}

std::string bits(double value) {
  char out[17];
  std::snprintf(out, sizeof out, "%016llx",
                static_cast<unsigned long long>(std::bit_cast<std::uint64_t>(value)));
  return out;
}

}  // namespace

std::vector<GoldenBlock> golden_blocks() {
  return {{"worked-example", worked_example()},
          {"first", first_of_stream()},
          {"forms", forms()},
          {"shapes", shapes()},
          {"people", people()},
          {"compressed", compressed(), true}};
}

std::string described(const Block& block, bool compressed) {
  const BlockHeader& h = block.header;
  std::string out;
  const auto line = [&](const std::string& what, const std::string& value) {
    out += what + " " + value + "\n";
  };
  line("gateway", h.gateway);
  line("stream", to_text(h.stream));
  line("seq", std::to_string(to_number(h.seq)));
  line("boot", std::to_string(h.boot));
  line("opened_at_ms", std::to_string(to_ms(h.opened_at)));
  line("opened_steady_ms", std::to_string(to_ms(h.opened_steady)));
  line("clock", std::to_string(static_cast<unsigned>(h.clock)));
  line("birth", to_hex(h.birth));
  line("previous", to_hex(h.previous));
  line("urgent", h.urgent ? "1" : "0");
  line("compression", compressed ? "1" : "0");
  for (const Sample& s : block.samples) {
    line("sample", std::to_string(static_cast<std::uint32_t>(s.point)) + " " +
                       std::to_string(to_ms(s.source_time)) + " " + bits(s.value) + " " +
                       std::to_string(pack(s.quality)));
  }
  for (const Sighting& s : block.sightings) {
    line("sighting", std::to_string(s.tag) + " " + s.reader + " " + std::to_string(to_ms(s.source_time)) +
                         " " + std::to_string(s.distance_cm) + " " + std::to_string(s.rssi_dbm) + " " +
                         (s.sos ? "1" : "0") + " " + (s.low_battery ? "1" : "0"));
  }
  for (const Event& e : block.events) {
    line("event", std::to_string(static_cast<unsigned>(e.kind)) + " " + std::to_string(to_ms(e.at)) + " " +
                      std::to_string(e.first) + " " + std::to_string(e.last) + " " + e.text);
  }
  return out;
}

}  // namespace davy::test
