#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/reading.hpp"
#include "drivers/api/register_bus.hpp"
#include "proto/model/sighting.hpp"

namespace davy {

// One read of a round; `id` ties its reply to it.
struct RoundRead {
  std::uint32_t id = 0;
  RegisterRead read;
};

struct RoundResult {
  DeviceReport report;
  std::vector<PointReading> readings;  // in the order of the points the round was made for
  std::vector<Sighting> sightings;
  std::uint64_t sightings_lost = 0;  // the device says that it had more
};

// Reads some points of one device, again and again. Does no I/O: it says what to ask and takes the replies,
// in any order. One round: begin(), then next() and on_reply() until next() has nothing and nothing is under
// way, then finish(). Only on the thread of its bus.
class DeviceRound {
 public:
  virtual ~DeviceRound() = default;
  virtual void begin() = 0;
  // What to ask now; none when everything has been asked, or when it depends on a reply that is under way.
  virtual std::optional<RoundRead> next() = 0;
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
  // How long the device takes to answer: what it costs to ask once more, and so what may be read along.
  virtual void set_turnaround(std::chrono::microseconds typical) = 0;
};

}  // namespace davy
