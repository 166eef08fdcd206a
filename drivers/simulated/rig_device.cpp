#include "drivers/simulated/rig_device.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "drivers/modbus/register_codec.hpp"

namespace davy::rig {
namespace {

constexpr std::uint8_t illegal_function = 1;
constexpr std::uint8_t illegal_address = 2;
constexpr std::uint8_t device_failure = 4;
constexpr std::uint8_t write_coil = 5;
// Longer than any reader waits.
constexpr double late_by = 1.5;

std::uint16_t word(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint16_t last_register(const SignalProfile& signal) {
  return static_cast<std::uint16_t>(signal.address + register_count(signal.encoding) - 1);
}

// Sets in a status word what tells this flag, the way its profile says; false when it has no way.
bool tell(const StatusProfile& status, QualityFlag flag, std::uint16_t& out) {
  for (const StatusBit& bit : status.bits) {
    if (bit.means != flag) continue;
    const auto mask = static_cast<std::uint16_t>(1U << bit.number);
    out = static_cast<std::uint16_t>(bit.when ? out | mask : out & ~mask);
    return true;
  }
  for (const StatusCode& code : status.codes) {
    if (code.means != flag) continue;
    out = static_cast<std::uint16_t>((out & ~status.code_mask) | code.value);
    return true;
  }
  return false;
}

// The smallest code that says nothing is wrong: 0 is "starting up" on some devices.
std::uint16_t harmless_code(const StatusProfile& status) {
  const unsigned mask = status.code_mask;
  unsigned code = 0;
  for (std::size_t tried = 0; tried < status.codes.size(); ++tried) {
    if (std::ranges::find(status.codes, code, &StatusCode::value) == status.codes.end()) break;
    code = ((code | ~mask) + 1U) & mask;  // the next number within the mask
  }
  return static_cast<std::uint16_t>(code);
}

// A status word of a healthy device: bits that mean trouble when clear are set.
std::uint16_t healthy(const StatusProfile& status) {
  unsigned word_now = harmless_code(status);
  for (const StatusBit& bit : status.bits) {
    if (!bit.when) word_now |= 1U << bit.number;
  }
  return static_cast<std::uint16_t>(word_now);
}

constexpr std::array all_flags{QualityFlag::over_range,   QualityFlag::under_range, QualityFlag::sensor_fault,
                               QualityFlag::disconnected, QualityFlag::calibrating, QualityFlag::warming_up,
                               QualityFlag::low_supply,   QualityFlag::inhibited,   QualityFlag::forced};

// The raw number a signal shows: a special one for a flag that its profile has one for, else the value's.
std::int64_t raw_for(const SignalProfile& signal, const SignalState& state) {
  for (const RawMeaning& meaning : signal.raw_meanings) {
    if (state.flags.has(meaning.means)) return meaning.raw;
  }
  const bool beyond = state.flags.has(QualityFlag::over_range) && signal.range_high;
  return unscaled(signal, beyond ? *signal.range_high * 1.1 : state.value);
}

}  // namespace

RigDevice::RigDevice(const DeviceSettings& settings, const RigConfig& config, const RigAir& air)
    : settings_{settings},
      profile_{settings.tag_reader ? nullptr : &config.profiles[settings.profile]},
      air_{air} {
  const auto extend = [this](RegisterTable table, std::uint16_t first, std::uint16_t last) {
    Extent& extent = extents_[static_cast<std::size_t>(table)];
    extent = extent.any ? Extent{true, std::min(extent.first, first), std::max(extent.last, last)}
                        : Extent{true, first, last};
  };
  if (profile_ == nullptr) {
    extend(RegisterTable::input, 0, static_cast<std::uint16_t>(2 + settings.tag_slots * ring_entry - 1));
    return;
  }
  for (const SignalProfile& signal : profile_->signals)
    extend(signal.table, signal.address, last_register(signal));
  for (const StatusProfile& status : profile_->statuses) extend(status.table, status.address, status.address);
  for (const RelaySettings& relay : settings.relays) extend(RegisterTable::coil, relay.coil, relay.coil);
}

DeviceReply RigDevice::answer(std::span<const std::uint8_t> pdu, double t) const {
  const DeviceState state = air_.device(settings_.name, t);
  DeviceReply reply{.unit = settings_.unit, .delay = settings_.turnaround};
  // What does not answer for itself does not switch either.
  const bool deaf =
      state.faulty && state.fault != FaultKind::late_reply && state.fault != FaultKind::short_frame;
  const bool switches = pdu[0] == write_coil && !deaf;
  reply.pdu = switches ? switch_relay(pdu, t) : reply_pdu(pdu, t);
  if (!state.faulty) return reply;
  switch (state.fault) {
    case FaultKind::silent: reply.silent = true; break;
    case FaultKind::no_head: break;
    case FaultKind::other_unit: reply.unit = static_cast<std::uint8_t>(settings_.unit == 1 ? 2 : 1); break;
    case FaultKind::bad_crc: reply.damaged = true; break;
    case FaultKind::exception: reply.pdu = {static_cast<std::uint8_t>(pdu[0] | 0x80U), device_failure}; break;
    case FaultKind::late_reply: reply.delay = late_by; break;
    case FaultKind::short_frame: reply.cut = 3; break;
  }
  return reply;
}

// A good answer repeats the request.
std::vector<std::uint8_t> RigDevice::switch_relay(std::span<const std::uint8_t> request, double t) const {
  const auto refuse = [](std::uint8_t code) { return std::vector<std::uint8_t>{write_coil | 0x80U, code}; };
  if (settings_.relays.empty()) return refuse(illegal_function);
  if (request.size() < 5 || (word(request, 3) != 0 && word(request, 3) != 0xFF00)) return refuse(3);
  const auto relay = std::ranges::find(settings_.relays, word(request, 1), &RelaySettings::coil);
  if (relay == settings_.relays.end()) return refuse(illegal_address);
  air_.relays().set(relay->name, word(request, 3) != 0, t);
  return {request.begin(), request.end()};
}

std::vector<std::uint8_t> RigDevice::reply_pdu(std::span<const std::uint8_t> request, double t) const {
  const std::uint8_t function = request[0];
  const auto refuse = [&](std::uint8_t code) {
    return std::vector<std::uint8_t>{static_cast<std::uint8_t>(function | 0x80U), code};
  };
  if (function < 1 || function > 4 || request.size() < 5) return refuse(illegal_function);
  const auto table = static_cast<RegisterTable>(function);
  const std::uint16_t count = word(request, 3);
  if (count == 0 || count > (is_bits(table) ? 2000 : 125)) return refuse(3);
  const auto values = registers(table, word(request, 1), count, t);
  if (!values) return refuse(illegal_address);
  std::vector<std::uint8_t> out{function, 0};
  if (is_bits(table)) {
    out.resize(2 + (values->size() + 7) / 8);
    for (std::size_t i = 0; i < values->size(); ++i) {
      if ((*values)[i] != 0) out[2 + i / 8] = static_cast<std::uint8_t>(out[2 + i / 8] | 1U << (i % 8));
    }
  } else {
    for (const std::uint16_t value : *values) {
      out.push_back(static_cast<std::uint8_t>(value >> 8U));
      out.push_back(static_cast<std::uint8_t>(value & 0xFFU));
    }
  }
  out[1] = static_cast<std::uint8_t>(out.size() - 2);
  return out;
}

std::optional<std::vector<std::uint16_t>> RigDevice::registers(RegisterTable table, std::uint16_t address,
                                                               std::uint16_t count, double t) const {
  const Extent& extent = extents_[static_cast<std::size_t>(table)];
  if (!extent.any || address < extent.first || address + count - 1 > extent.last) return std::nullopt;
  return profile_ == nullptr ? reader_registers(address, count, t)
                             : profile_registers(table, address, count, t);
}

std::optional<std::vector<std::uint16_t>> RigDevice::profile_registers(RegisterTable table,
                                                                       std::uint16_t address,
                                                                       std::uint16_t count, double t) const {
  const Extent& extent = extents_[static_cast<std::size_t>(table)];
  std::vector<std::uint16_t> all(static_cast<std::size_t>(extent.last - extent.first) + 1);
  if (table == RegisterTable::coil) {
    for (const RelaySettings& relay : settings_.relays)
      all[static_cast<std::size_t>(relay.coil - extent.first)] = air_.relays().is_on(relay.name, t) ? 1 : 0;
  }
  const FlagSet device_flags = air_.device(settings_.name, t).flags;
  std::vector<std::pair<std::string, FlagSet>> told;  // what each signal has to say
  for (const SignalSettings& each : settings_.signals) {
    const SignalProfile& signal = profile_->signals[each.signal];
    SignalState state = air_.signal(each.name, t);
    state.flags.add(device_flags);
    told.emplace_back(signal.name, state.flags);
    if (signal.table != table) continue;
    put_raw_number(signal, raw_for(signal, state),
                   std::span{all}.subspan(static_cast<std::size_t>(signal.address - extent.first),
                                          register_count(signal.encoding)));
  }
  for (const StatusProfile& status : profile_->statuses) {
    if (status.table != table) continue;
    std::uint16_t& out = all[static_cast<std::size_t>(status.address - extent.first)];
    out = static_cast<std::uint16_t>(out | healthy(status));
    for (const auto& [signal, flags] : told) {
      if (!status.applies_to.empty() &&
          std::ranges::find(status.applies_to, signal) == status.applies_to.end())
        continue;
      for (const QualityFlag flag : all_flags) {
        if (flags.has(flag)) static_cast<void>(tell(status, flag, out));
      }
    }
  }
  const auto from = all.begin() + (address - extent.first);
  return std::vector<std::uint16_t>{from, from + count};
}

std::optional<std::vector<std::uint16_t>> RigDevice::reader_registers(std::uint16_t address,
                                                                      std::uint16_t count, double t) const {
  const auto sightings = air_.sightings(settings_.name, t);
  const std::size_t ring_size = settings_.tag_slots;
  std::vector<std::uint16_t> all(2 + ring_size * ring_entry);
  all[0] = static_cast<std::uint16_t>(sightings.size());
  all[1] = settings_.tag_slots;
  const std::size_t oldest = sightings.size() > ring_size ? sightings.size() - ring_size : 0;
  for (std::size_t i = oldest; i < sightings.size(); ++i) {
    const Sighting& s = sightings[i];
    const std::size_t number = i + 1;
    const std::size_t at = 2 + (number % ring_size) * ring_entry;
    all[at] = static_cast<std::uint16_t>(number);
    for (std::size_t k = 0; k < 4; ++k) all[at + 1 + k] = static_cast<std::uint16_t>(s.tag >> (48 - 16 * k));
    all[at + 5] = static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(s.distance * 100)));
    all[at + 6] = static_cast<std::uint16_t>(std::min(65535L, std::lround((t - s.at) * 10)));
    all[at + 7] = static_cast<std::uint16_t>((s.sos ? 1U : 0U) | (s.low_battery ? 2U : 0U));
  }
  const auto from = all.begin() + address;
  return std::vector<std::uint16_t>{from, from + count};
}

}  // namespace davy::rig
