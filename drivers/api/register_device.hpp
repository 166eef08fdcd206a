#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/reading.hpp"
#include "drivers/api/register_bus.hpp"
#include "drivers/api/tag_report.hpp"

namespace davy {

// One request of a round; `id`, below 65536, ties its reply to it.
struct RoundRequest {
  std::uint32_t id = 0;
  RegisterRequest what;
};

struct RoundResult {
  DeviceReport report;
  std::vector<PointReading> readings;  // in the order of the points the round was made for
  TagReport tags;                      // of a reader of tags
};

// Reads some points of one device, or all that it tells, again and again. Does no I/O: it says what to ask
// and takes the replies, in any order. One round: begin(), then next() and on_reply() until next() has
// nothing and nothing is under way, then finish(). Only on the thread of its bus.
class DeviceRound {
 public:
  virtual ~DeviceRound() = default;
  virtual void begin() = 0;
  // What to ask now; none when everything has been asked, or when it depends on a reply that is under way.
  virtual std::optional<RoundRequest> next() = 0;
  virtual void on_reply(std::uint32_t id, const BusReply& reply, std::span<const std::uint16_t> registers,
                        WallTime at) = 0;
  // What the round brought. A point without a reply is bad_comm, never an earlier reading. A round that is
  // given up halfway is finished like any other.
  virtual void finish(RoundResult& out, WallTime now) = 0;
  // How long a round keeps its bus busy when the device answers as usual.
  virtual std::chrono::microseconds typical_cost() const = 0;
};

// One device of a register bus, as its profile describes it.
class RegisterDevice {
 public:
  virtual ~RegisterDevice() = default;
  // For these points: positions in DeviceSettings::points, each once. The device outlives its rounds.
  virtual std::unique_ptr<DeviceRound> make_round(std::span<const std::uint32_t> points) = 0;
  // For all its points, in their order, and for what it tells beside them: a reader of tags its sightings.
  virtual std::unique_ptr<DeviceRound> make_whole_round() = 0;
  // How long the device takes to answer: what it costs to ask once more, and so what may be read along.
  virtual void set_turnaround(std::chrono::microseconds typical) = 0;
};

}  // namespace davy
