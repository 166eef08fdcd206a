#include "drivers/modbus/modbus_round.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "drivers/modbus/decode.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

// Illegal data address, illegal data value: what a device says to a request that reaches over its edge.
bool refuses_request(const BusReply& reply) {
  return reply.fault == BusFault::exception && (reply.exception == 2 || reply.exception == 3);
}

}  // namespace

ModbusRound::ModbusRound(ModbusDevice& device, std::vector<std::uint32_t> signals)
    : device_{device}, signals_{std::move(signals)} {
  make_plan();
}

void ModbusRound::make_plan() {
  plan_version_ = device_.plan_version();
  plan_ = device_.plan(signals_);
  const DeviceProfile& profile = device_.profile();
  slots_.clear();
  for (const PlannedRead& read : plan_)
    slots_.push_back({.registers = std::vector<std::uint16_t>(read.count), .at = {}});
  sources_.clear();
  for (const std::uint32_t i : signals_) {
    const SignalProfile& signal = profile.signals[i];
    Source source{i, locate(signal.table, signal.address, register_count(signal.encoding)), {}};
    for (std::size_t s = 0; s < profile.statuses.size(); ++s) {
      const StatusProfile& status = profile.statuses[s];
      if (applies_to(status, signal)) source.statuses.push_back({s, locate(status.table, status.address, 1)});
    }
    sources_.push_back(std::move(source));
  }
}

void ModbusRound::begin() {
  if (plan_version_ != device_.plan_version()) make_plan();
  for (Slot& slot : slots_) slot.ok = false;
  asked_ = 0;
  given_up_ = false;
  report_ = {};
}

std::optional<RoundRequest> ModbusRound::next() {
  if (given_up_ || asked_ == plan_.size()) return std::nullopt;
  const PlannedRead& read = plan_[asked_];
  const DeviceSettings& settings = device_.settings();
  return RoundRequest{static_cast<std::uint32_t>(asked_++),
                      RegisterRead{.unit = settings.unit,
                                   .table = read.table,
                                   .address = read.address,
                                   .count = read.count,
                                   .reply_timeout = settings.reply_timeout,
                                   .pause_after = device_.profile().pause_after_reply}};
}

void ModbusRound::on_reply(std::uint32_t id, const BusReply& reply, std::span<const std::uint16_t> registers,
                           WallTime at) {
  DAVY_ASSERT(id < asked_);
  report_.requests += 1;
  Slot& slot = slots_[id];
  slot.ok = reply.ok();
  slot.at = at;
  if (reply.ok()) {
    DAVY_ASSERT(registers.size() == slot.registers.size());
    std::ranges::copy(registers, slot.registers.begin());
    return;
  }
  report_.failed += 1;
  report_.last_fault = reply.fault;
  report_.message = reply.message;
  if (refuses_request(reply)) device_.on_refused(signals_, plan_[id]);
  if (reply.fault != BusFault::timeout && reply.fault != BusFault::port_lost) return;
  given_up_ = true;
  const std::size_t left = plan_.size() - asked_;
  if (left > 0) report_.message += "; " + std::to_string(left) + " more request(s) of this round not tried";
}

void ModbusRound::finish(RoundResult& out, WallTime now) {
  out.report = std::move(report_);
  out.readings.clear();
  for (const Source& source : sources_) out.readings.push_back(decode(source, now));
  out.tags = {};
}

std::chrono::microseconds ModbusRound::typical_cost() const {
  std::chrono::nanoseconds sum{0};
  for (const PlannedRead& read : plan_) sum += cost_of(read, device_.cost());
  return std::chrono::ceil<std::chrono::microseconds>(sum);
}

// Its time is that of the last reply it needed.
PointReading ModbusRound::decode(const Source& source, WallTime now) const {
  const PointReading no_answer{{.quality = {.validity = Validity::bad_comm}}, now};
  const Slot& slot = slots_[source.where.request];
  if (!slot.ok) return no_answer;
  WallTime at = slot.at;
  FlagSet flags;
  for (const StatusSource& s : source.statuses) {
    const Slot& status = slots_[s.where.request];
    if (!status.ok) return no_answer;
    at = std::max(at, status.at);
    flags.add(status_flags(device_.profile().statuses[s.status], registers(s.where)[0]));
  }
  return {decode_signal(device_.profile().signals[source.signal], registers(source.where), flags), at};
}

std::span<const std::uint16_t> ModbusRound::registers(const Location& where) const {
  return std::span(slots_[where.request].registers).subspan(where.offset, where.count);
}

ModbusRound::Location ModbusRound::locate(RegisterTable table, std::uint16_t address,
                                          std::uint16_t count) const {
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    if (covers(plan_[i], table, address, count)) {
      return {i, static_cast<std::size_t>(address - plan_[i].address), count};
    }
  }
  DAVY_ASSERT(false && "plan_reads covers every signal and status word it was asked for");
  return {};
}

}  // namespace davy
