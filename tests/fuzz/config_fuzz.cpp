#include "proto/base/assert.hpp"
#include "proto/wire/gateway_config.hpp"
#include "proto/wire/host_config.hpp"
#include "proto/wire/messages.hpp"
#include "proto/wire/profile.hpp"
#include "tests/fuzz/target.hpp"

// Files that people write. The first byte of an input says which the rest is.
// Properties: what is refused is told with the file's name on each line; the points of a configuration that
// is accepted make a birth that the host accepts; every lock that is accepted has inputs, outputs and numbers
// that a gateway can work with.
namespace davy::fuzz {
namespace {

constexpr const char* file = "gateway.textproto";
constexpr const char* profile_file = "probe.textproto";
constexpr const char* profiles = "tests/golden/wire/profiles";

void check_told(const Error& error) {
  DAVY_ASSERT(error.code == Errc::bad_config);
  DAVY_ASSERT(error.message.find(".textproto:") != std::string::npos);
}

void check_locks(const GatewayConfig& config) {
  const InterlockSettings& locks = *config.interlock;
  for (const OutputSettings& output : locks.outputs) {
    DAVY_ASSERT(output.area < locks.areas.size());
    for (const FeedSettings& feed : output.feeds) DAVY_ASSERT(feed.point < config.points.size());
    DAVY_ASSERT(output.kind != OutputKind::fan_lock ||
                (output.energise_to_act && output.on_exit != ExitState::act));
  }
  for (const LockSettings& lock : locks.locks) {
    DAVY_ASSERT(lock.area < locks.areas.size() && !lock.outputs.empty());
    for (const std::uint32_t output : lock.outputs) {
      const bool fan = locks.outputs.at(output).kind == OutputKind::fan_lock;
      DAVY_ASSERT(fan == (lock.row == LockRow::fan_start));
    }
    for (const LockInput& input : lock.inputs) {
      DAVY_ASSERT(input.point < config.points.size());
      const bool high = input.side == Side::high;
      DAVY_ASSERT(high ? input.release_at <= input.trip_at : input.release_at >= input.trip_at);
    }
  }
}

void try_gateway(std::string_view text) {
  const auto config = parse_gateway_config(text, file, profiles);
  if (!config) return check_told(config.error());
  Hash hash{};
  const auto birth =
      decode_birth(encode_birth({config->mine, config->gateway, config->points}).message, hash);
  DAVY_ASSERT(birth.has_value());
  DAVY_ASSERT(birth->points == config->points);
  if (config->interlock) check_locks(*config);
}

void try_host(std::string_view text) {
  const auto config = parse_host_config(text, file);
  if (!config) check_told(config.error());
}

void check_slots(const TagSlotProfile& slot, std::uint32_t first, std::uint32_t count, std::uint16_t size,
                 const DeviceProfile& profile) {
  DAVY_ASSERT(size >= 1 && size <= profile.registers_per_request_max && first + count * size <= 65536);
  DAVY_ASSERT(slot.tag.slot_register + slot.tag.registers <= size);
  for (const auto& field : {slot.distance, slot.rssi, slot.age}) {
    DAVY_ASSERT(!field || field->slot_register + register_count(field->encoding) <= size);
    DAVY_ASSERT(!field || field->bit_first + field->bit_count <= 16);
  }
  for (const auto& flag : {slot.before, slot.sos, slot.low_battery}) {
    DAVY_ASSERT(!flag || (flag->slot_register < size && flag->bit < 16));
  }
}

void check_tag_reader(const DeviceProfile& profile) {
  if (const auto* ring = std::get_if<TagRingProfile>(&*profile.tag_reader)) {
    check_slots(ring->slot, ring->first_slot_address, ring->capacity, ring->slot_registers, profile);
    DAVY_ASSERT(ring->slot.number_register && *ring->slot.number_register < ring->slot_registers);
  } else if (const auto* fifo = std::get_if<TagFifoProfile>(&*profile.tag_reader)) {
    check_slots(fifo->slot, fifo->first_slot_address, fifo->slots, fifo->slot_registers, profile);
    DAVY_ASSERT(fifo->slots >= 1);
  } else if (const auto* lines = std::get_if<TagLinesProfile>(&*profile.tag_reader)) {
    DAVY_ASSERT(lines->line_length_max >= 16 && !lines->separator.empty() && lines->number_modulus >= 2);
  } else {
    DAVY_ASSERT(!std::get<TagCanProfile>(*profile.tag_reader).messages.empty());
  }
}

void try_profile(std::string_view text) {
  const auto profile = parse_profile(text, profile_file);
  if (!profile) return check_told(profile.error());
  DAVY_ASSERT(!profile->signals.empty() || profile->tag_reader);
  if (profile->tag_reader) check_tag_reader(*profile);
  for (const SignalProfile& signal : profile->signals) {
    DAVY_ASSERT(signal.can.has_value() == profile->can.has_value());
    if (signal.can) DAVY_ASSERT(!signal.can->source.signal.empty() && signal.can->source.periods >= 1);
    DAVY_ASSERT(signal.address + register_count(signal.encoding) <= 65536);
    DAVY_ASSERT(signal.bit_count >= 1 && signal.bit_first + signal.bit_count <= 16);
  }
}

}  // namespace

void try_input(std::string_view input) {
  if (input.empty()) return;
  switch (input.front()) {
    case 'h': return try_host(input.substr(1));
    case 'p': return try_profile(input.substr(1));
    default: return try_gateway(input.substr(1));
  }
}

std::vector<std::string> seeds() {
  return {
      "gmine: 'm' gateway: 'g' uplink { host: '::1' port: 1883 } bus { name: 'b' tcp { host: 'h' } "
      "device { name: 'd' unit: 1 profile: 'methane-head' point { name: 'p' signal: 'ch4' "
      "limit { side: HIGH level: CUT at: 1.5 clear_at: 1 } } } }",
      "gmine: 'm' gateway: 'g' block { close_after_ms: 50 } bus { name: 'b' period_ms: 20 "
      "rtu { device: 's' baud: 300 parity: ODD } device { name: 'd' unit: 9 profile: 'methane-head' "
      "point { name: 'q' signal: 'door' text_on: '开' } } }",
      "gmine: 'm' gateway: 'g' bus { name: 'b' tcp { host: 'h' } device { name: 'd' unit: 1 profile: "
      "'methane-head' point { name: 'p' signal: 'ch4' } point { name: 'f' signal: 'door' } } } "
      "interlock { area { name: 'a' } output { name: 'c' area: 'a' kind: CUTTER modbus { bus: 'b' unit: 2 "
      "coil: 1 } } output { name: 'l' area: 'a' kind: FAN_LOCK gpio { chip: 'g' line: 1 } } "
      "lock { name: 'x' row: METHANE_FACE area: 'a' methane { point: 'p' } } "
      "lock { name: 'y' row: FAN_START area: 'a' methane { point: 'p' trip_at: 2 } fan { point: 'f' } } }",
      "gmine: 'm' gateway: 'g' bus { name: 'b' can { interface: 'c' bitrate: 50000 } device { name: 'd' "
      "unit: 1 "
      "profile: 'methane-head' point { name: 'p' signal: 'ch4' } } }",
      "hmine: 'm' broker { host: 'b' tls { ca: 'a' certificate: 'c' key: 'k' } } web { port: 1 }",
      "pname: 'probe' maker: 'M' model: 'P' source: 's' modbus { signal { name: 'a' table: INPUT_REGISTER "
      "address: 7 encoding: BITS bit_first: 4 bit_count: 12 scale: 0.1 raw_meaning { raw: 1 means: FORCED } "
      "} "
      "status { table: COIL address: 0 bit { number: 0 means: CALIBRATING } } }",
      "pname: 'probe' maker: 'M' model: 'P' source: 's' can { dbc: 'x' canopen { dbc_node: 7 heartbeat_ms: 9 "
      "} "
      "signal { name: 'a' message: 'M' signal: 'S' period_ms: 5 periods: 2 raw_meaning { raw: -1 means: "
      "FORCED } } "
      "status { message: 'M' signal: 'T' applies_to: 'a' code { raw: 1 means: CALIBRATING } bit { number: 63 "
      "means: LOW_SUPPLY } } }",
      "pname: 'probe' maker: 'M' model: 'P' source: 's' modbus { registers_per_request_max: 9 } tag_reader { "
      "ring { table: INPUT_REGISTER newest_address: 0 capacity: 12 first_slot_address: 2 slot_registers: 8 "
      "slot { number_register: 0 tag { register: 1 registers: 4 } age { register: 6 encoding: BITS "
      "bit_first: 3 "
      "bit_count: 13 } sos { register: 7 bit: 15 } } } }",
      "pname: 'probe' maker: 'M' model: 'P' source: 's' tag_reader { fifo { table: HOLDING_REGISTER "
      "count_address: 0 first_slot_address: 9 slot_registers: 3 slots: 4 release: WRITE_COUNT "
      "release_address: 1 "
      "slot { tag { register: 0 registers: 2 } distance { register: 1 encoding: FLOAT32 } } } }",
      "pname: 'probe' maker: 'M' model: 'P' source: 's' tag_reader { lines { separator: ' ' tag { key: 'T' } "
      "sos { column: 3 word: 'S' } low_battery { column: 3 word: 'B' } number { key: 'N' } } }",
      "pname: 'probe' maker: 'M' model: 'P' source: 's' tag_reader { can { dbc: 'x.dbc' message { name: 'M' "
      "tag: "
      "'T' distance: 'D' distance_scale: 0.01 } } }",
  };
}

}  // namespace davy::fuzz
