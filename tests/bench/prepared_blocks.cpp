#include "tests/bench/prepared_blocks.hpp"

#include <cmath>

#include "proto/wire/block_codec.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/messages.hpp"

namespace davy::bench {
namespace {

constexpr std::size_t points = 64;

std::vector<Point> make_points(const std::string& gateway) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < points; ++i) {
    Point p;
    p.name = gateway + "-" + std::to_string(i);
    p.quantity = "CH4";
    p.unit = "%CH4";
    p.range_high = 4;
    p.limits = {{.level = LimitState::warning, .at = 0.8, .clear_at = 0.8},
                {.level = LimitState::alarm, .at = 1.0, .clear_at = 1.0},
                {.level = LimitState::cut, .at = 1.5, .clear_at = 1.0}};
    out.push_back(std::move(p));
  }
  return out;
}

}  // namespace

PreparedGateway prepare(const std::string& mine, const std::string& gateway, std::size_t blocks,
                        std::size_t samples, Now now) {
  const EncodedBirth birth = encode_birth({mine, gateway, make_points(gateway)});
  PreparedGateway out{gateway, birth.message, random_uuid(), {}};
  Block block;
  block.header = {.gateway = gateway,
                  .stream = out.stream,
                  .seq = Seq{1},
                  .boot = 1,
                  .clock = ClockQuality::synced,
                  .birth = birth.hash};
  BlockEncoder encoder;
  for (std::size_t b = 0; b < blocks; ++b) {
    block.header.opened_at = now.wall;
    block.header.opened_steady = now.steady;
    block.samples.clear();
    for (std::size_t s = 0; s < samples; ++s) {
      const double value = 0.4 + 0.1 * std::sin(static_cast<double>(b * samples + s) / 300);
      block.samples.push_back({PointIndex{static_cast<std::uint32_t>(s % points)},
                               std::round(value * 100) / 100,
                               {},
                               now.wall - Duration{static_cast<std::int64_t>(s % 17)}});
    }
    EncodedBlock encoded = encoder.encode(block);
    out.blocks.push_back(std::move(encoded.envelope));
    block.header.previous = encoded.hash;
    block.header.seq = Seq{to_number(block.header.seq) + 1};
  }
  return out;
}

}  // namespace davy::bench
