#pragma once

#include <memory>
#include <span>
#include <vector>

#include "drivers/api/register_device.hpp"
#include "drivers/modbus/modbus_device.hpp"
#include "drivers/tags/tag_registers.hpp"

namespace davy {

// What a round usually asks a reader for: is there something new, and one request of slots. A write to give
// back what was fetched costs as much as a read of one register and stands here as one. Empty for a profile
// without a ring or a FIFO.
std::vector<PlannedRead> typical_tag_requests(const DeviceProfile& profile);

// A reader of positioning tags behind Modbus, a ring or a FIFO, perhaps with signals beside. Its whole round
// reads its points first and then its sightings; what it tells of these is in RoundResult::tags.
class TagDevice final : public RegisterDevice {
 public:
  // The caller keeps `bus`, `device` (one of the bus's; its name becomes the reader's in sightings) and
  // `profile`, which has a ring or a FIFO, alive.
  TagDevice(const BusSettings& bus, const DeviceSettings& device, const DeviceProfile& profile);

  std::unique_ptr<DeviceRound> make_round(std::span<const std::uint32_t> points) override;
  // Rounds of one reader share what it has told so far: only one of them may be under way.
  std::unique_ptr<DeviceRound> make_whole_round() override;
  void set_turnaround(std::chrono::microseconds typical) override { points_.set_turnaround(typical); }

 private:
  class Round;

  ModbusDevice points_;
  const std::unique_ptr<TagRegisters> tags_;
};

}  // namespace davy
