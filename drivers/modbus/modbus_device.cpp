#include "drivers/modbus/modbus_device.hpp"

#include <string>
#include <utility>

#include "drivers/modbus/decode.hpp"
#include "proto/base/assert.hpp"

namespace davy {

ModbusDevice::ModbusDevice(RegisterBus& bus, std::uint8_t unit, DeviceProfile profile,
                           std::vector<std::uint32_t> signals, Duration reply_timeout)
    : bus_{bus},
      unit_{unit},
      profile_{std::move(profile)},
      reply_timeout_{reply_timeout},
      plan_{plan_reads(profile_, signals)} {
  for (const PlannedRead& read : plan_)
    slots_.push_back({.registers = std::vector<std::uint16_t>(read.count)});
  for (const std::uint32_t i : signals) {
    const SignalProfile& signal = profile_.signals[i];
    Source source{i, locate(signal.table, signal.address, register_count(signal.encoding)), {}};
    for (std::size_t s = 0; s < profile_.statuses.size(); ++s) {
      const StatusProfile& status = profile_.statuses[s];
      if (applies_to(status, signal)) source.statuses.push_back({s, locate(status.table, status.address, 1)});
    }
    sources_.push_back(std::move(source));
  }
}

DeviceReport ModbusDevice::read(std::span<Reading> out) {
  DAVY_ASSERT(out.size() == sources_.size());
  const DeviceReport report = ask();
  for (std::size_t i = 0; i < sources_.size(); ++i) out[i] = decode(sources_[i]);
  return report;
}

DeviceReport ModbusDevice::ask() {
  DeviceReport report;
  for (Slot& slot : slots_) slot.ok = false;
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    const RegisterRead request{.unit = unit_,
                               .table = plan_[i].table,
                               .address = plan_[i].address,
                               .count = plan_[i].count,
                               .reply_timeout = reply_timeout_,
                               .pause_after = profile_.pause_after_reply};
    BusReply reply = bus_.read(request, slots_[i].registers);
    ++report.requests;
    slots_[i].ok = reply.ok();
    if (reply.ok()) continue;
    ++report.failed;
    report.last_fault = reply.fault;
    report.message = std::move(reply.message);
    if (reply.fault != BusFault::timeout && reply.fault != BusFault::port_lost) continue;
    const std::size_t left = plan_.size() - i - 1;
    if (left > 0) report.message += "; " + std::to_string(left) + " more request(s) of this round not tried";
    break;
  }
  return report;
}

Reading ModbusDevice::decode(const Source& source) const {
  const Reading no_answer{.quality = {.validity = Validity::bad_comm}};
  if (!slots_[source.where.request].ok) return no_answer;
  FlagSet flags;
  for (const StatusSource& s : source.statuses) {
    if (!slots_[s.where.request].ok) return no_answer;
    flags.add(status_flags(profile_.statuses[s.status], registers(s.where)[0]));
  }
  return decode_signal(profile_.signals[source.signal], registers(source.where), flags);
}

std::span<const std::uint16_t> ModbusDevice::registers(const Location& where) const {
  return std::span(slots_[where.request].registers).subspan(where.offset, where.count);
}

ModbusDevice::Location ModbusDevice::locate(RegisterTable table, std::uint16_t address,
                                            std::uint16_t count) const {
  for (std::size_t i = 0; i < plan_.size(); ++i) {
    if (covers(plan_[i], table, address, count)) {
      return {i, static_cast<std::size_t>(address - plan_[i].address), count};
    }
  }
  DAVY_ASSERT(!"plan_reads covers every signal and status word it was asked for");
  return {};
}

}  // namespace davy
