#pragma once

#include <cstdint>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"
#include "proto/model/sample.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// What a gateway tells of itself.
struct SelfValues {
  bool link_up = false;
  std::uint64_t spool_blocks = 0;
  std::uint64_t spool_bytes = 0;
  ClockQuality clock = ClockQuality::unknown;
  struct Bus {
    std::uint64_t failed_requests = 0;
    std::uint64_t missed_rounds = 0;
  };
  std::vector<Bus> buses;
};

// The gateway's own points, which it adds to its birth behind the configured ones; ordinary samples in every
// way: <gateway>/link, /spool_blocks, /spool_bytes, /clock, and for each bus /bus-<name>-errors and
// /bus-<name>-missed.
class SelfPoints {
 public:
  static constexpr Duration period{10'000};

  explicit SelfPoints(const GatewayConfig& config);

  const std::vector<Point>& points() const { return points_; }
  // One sample a point, in their order.
  void sample(const SelfValues& values, WallTime at, std::vector<Sample>& out) const;

 private:
  std::uint32_t first_index_;
  std::vector<Point> points_;
};

}  // namespace davy
