#include "drivers/tags/tag_device.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

// Beyond any id of a round of points.
constexpr std::uint32_t tag_request = 0xFFFF;

PlannedRead slots_of(RegisterTable table, std::uint16_t first, std::uint16_t slots,
                     std::uint16_t slot_registers, std::uint16_t registers_max) {
  const int in_a_request = std::max(registers_max / slot_registers, 1);
  const int count = slots == 0 ? in_a_request : std::min<int>(slots, in_a_request);
  return {table, first, static_cast<std::uint16_t>(count * slot_registers)};
}

}  // namespace

std::vector<PlannedRead> typical_tag_requests(const DeviceProfile& profile) {
  if (!profile.tag_reader) return {};
  const std::uint16_t registers_max = profile.registers_per_request_max;
  if (const auto* ring = std::get_if<TagRingProfile>(&*profile.tag_reader)) {
    return {
        {ring->table, ring->newest_address, 1},
        slots_of(ring->table, ring->first_slot_address, ring->capacity, ring->slot_registers, registers_max)};
  }
  const auto* fifo = std::get_if<TagFifoProfile>(&*profile.tag_reader);
  if (fifo == nullptr) return {};
  std::vector<PlannedRead> out{
      {fifo->table, fifo->count_address, 1},
      slots_of(fifo->table, fifo->first_slot_address, fifo->slots, fifo->slot_registers, registers_max)};
  if (fifo->release != TagRelease::gone_when_read) out.push_back({fifo->table, fifo->release_address, 1});
  return out;
}

// The points' round, where there are points, and then the sightings, one request after another.
class TagDevice::Round final : public DeviceRound {
 public:
  Round(const ModbusDevice& device, std::unique_ptr<DeviceRound> points, TagRegisters& tags)
      : device_{device}, points_{std::move(points)}, tags_{tags} {}

  void begin() override {
    if (points_) points_->begin();
    tags_.start_round();
    report_ = {};
    tags_under_way_ = false;
    given_up_ = false;
  }

  std::optional<RoundRequest> next() override {
    if (points_) {
      if (auto request = points_->next()) return request;
    }
    if (tags_under_way_ || given_up_) return std::nullopt;
    auto request = tags_.next();
    if (!request) return std::nullopt;
    tags_under_way_ = true;
    std::visit([&](auto& r) { r.reply_timeout = device_.settings().reply_timeout; }, *request);
    return RoundRequest{tag_request, *request};
  }

  void on_reply(std::uint32_t id, const BusReply& reply, std::span<const std::uint16_t> registers,
                WallTime at) override {
    // A silent device costs its bus one time-out.
    if (reply.fault == BusFault::timeout || reply.fault == BusFault::port_lost) given_up_ = true;
    if (id != tag_request) return points_->on_reply(id, reply, registers, at);
    DAVY_ASSERT(tags_under_way_);
    tags_under_way_ = false;
    report_.requests += 1;
    if (!reply.ok()) {
      report_.failed += 1;
      report_.last_fault = reply.fault;
      report_.message = reply.message;
    }
    tags_.on_reply(reply, registers, at, told_);
  }

  void finish(RoundResult& out, WallTime now) override {
    if (points_) {
      points_->finish(out, now);
    } else {
      out = {};
    }
    out.report.requests += report_.requests;
    out.report.failed += report_.failed;
    if (report_.failed > 0) {
      out.report.last_fault = report_.last_fault;
      out.report.message = std::move(report_.message);
    }
    out.tags = std::exchange(told_, {});
  }

  std::chrono::microseconds typical_cost() const override {
    std::chrono::nanoseconds sum{0};
    for (const PlannedRead& read : typical_tag_requests(device_.profile()))
      sum += cost_of(read, device_.cost());
    const std::chrono::microseconds points = points_ ? points_->typical_cost() : std::chrono::microseconds{0};
    return points + std::chrono::ceil<std::chrono::microseconds>(sum);
  }

 private:
  const ModbusDevice& device_;
  const std::unique_ptr<DeviceRound> points_;
  TagRegisters& tags_;
  bool tags_under_way_ = false;
  bool given_up_ = false;
  DeviceReport report_;  // of the requests for tags
  TagReport told_;
};

TagDevice::TagDevice(const BusSettings& bus, const DeviceSettings& device, const DeviceProfile& profile)
    : points_{bus, device, profile}, tags_{make_tag_registers(profile, device.unit, device.name)} {
  DAVY_ASSERT(tags_ != nullptr);
}

std::unique_ptr<DeviceRound> TagDevice::make_round(std::span<const std::uint32_t> points) {
  return points_.make_round(points);
}

std::unique_ptr<DeviceRound> TagDevice::make_whole_round() {
  auto points = points_.settings().points.empty() ? nullptr : points_.make_whole_round();
  return std::make_unique<Round>(points_, std::move(points), *tags_);
}

}  // namespace davy
