#include <algorithm>
#include <iterator>

#include "proto/wire/config_text.hpp"
#include "proto/wire/profile.pb.h"
#include "proto/wire/tag_reader_checks.hpp"

namespace davy {
namespace {

std::uint16_t short_of(std::uint32_t number) { return static_cast<std::uint16_t>(number); }
WordOrder order_of(wire::WordOrder order) { return static_cast<WordOrder>(order - 1); }

SlotField field_from(const wire::SlotField& in) {
  return {short_of(in.register_()),
          static_cast<Encoding>(in.encoding() - 1),
          order_of(in.word_order()),
          static_cast<std::uint8_t>(in.bit_first()),
          static_cast<std::uint8_t>(in.bit_count()),
          in.scale()};
}

SlotFlag flag_from(const wire::SlotFlag& in) {
  return {short_of(in.register_()), static_cast<std::uint8_t>(in.bit()), in.when()};
}

TagSlotProfile slot_from(const wire::TagSlot& in) {
  TagSlotProfile out{.tag = {short_of(in.tag().register_()), static_cast<std::uint8_t>(in.tag().registers()),
                             order_of(in.tag().word_order())}};
  if (in.has_number_register()) out.number_register = short_of(in.number_register());
  if (in.has_distance()) out.distance = field_from(in.distance());
  if (in.has_before()) out.before = flag_from(in.before());
  if (in.has_rssi()) out.rssi = field_from(in.rssi());
  if (in.has_age()) out.age = field_from(in.age());
  if (in.has_sos()) out.sos = flag_from(in.sos());
  if (in.has_low_battery()) out.low_battery = flag_from(in.low_battery());
  return out;
}

TagRingProfile ring_from(const wire::TagRing& in) {
  return {.table = static_cast<RegisterTable>(in.table()),
          .newest_address = short_of(in.newest_address()),
          .skips_zero = in.skips_zero(),
          .capacity = short_of(in.capacity()),
          .capacity_address = short_of(in.capacity_address()),
          .first_slot_address = short_of(in.first_slot_address()),
          .slot_registers = short_of(in.slot_registers()),
          .slot = slot_from(in.slot())};
}

TagFifoProfile fifo_from(const wire::TagFifo& in) {
  TagFifoProfile out{.table = static_cast<RegisterTable>(in.table()),
                     .count_address = short_of(in.count_address()),
                     .first_slot_address = short_of(in.first_slot_address()),
                     .slot_registers = short_of(in.slot_registers()),
                     .slots = short_of(in.slots()),
                     .slot = slot_from(in.slot()),
                     .release = static_cast<TagRelease>(in.release() - 1),
                     .release_address = short_of(in.release_address()),
                     .overrun = static_cast<TagOverrun>(in.overrun() - 1)};
  if (in.has_overrun_address()) out.overrun_address = short_of(in.overrun_address());
  return out;
}

TagCanMessage message_from(const wire::TagCanMessage& in) {
  return {in.name(), in.tag(), in.number(),    in.distance(), in.distance_scale(), in.before(),
          in.rssi(), in.age(), in.age_scale(), in.sos(),      in.low_battery()};
}

LineField field_from(const wire::LineField& in) { return {in.column(), in.key(), in.scale(), in.word()}; }

TagLinesProfile lines_from(const wire::TagLines& in) {
  TagLinesProfile out{.begins_with = in.begins_with(),
                      .ignored = {in.ignored().begin(), in.ignored().end()},
                      .separator = in.separator(),
                      .key_sign = in.key_sign(),
                      .line_length_max = in.line_length_max(),
                      .silent_after = Duration{in.silent_after_ms()},
                      .tag = field_from(in.tag()),
                      .tag_base = static_cast<int>(in.tag_base()),
                      .number_modulus = in.number_modulus()};
  if (in.has_port()) out.port = short_of(in.port());
  if (in.has_number()) out.number = field_from(in.number());
  if (in.has_distance()) out.distance = field_from(in.distance());
  if (in.has_before()) out.before = field_from(in.before());
  if (in.has_rssi()) out.rssi = field_from(in.rssi());
  if (in.has_age()) out.age = field_from(in.age());
  if (in.has_sos()) out.sos = field_from(in.sos());
  if (in.has_low_battery()) out.low_battery = field_from(in.low_battery());
  return out;
}

}  // namespace

TagReaderProfile tag_reader_from(const wire::TagReader& in, const std::string& file) {
  if (in.has_ring()) return ring_from(in.ring());
  if (in.has_fifo()) return fifo_from(in.fifo());
  if (in.has_lines()) return lines_from(in.lines());
  TagCanProfile out{.dbc = path_beside(file, in.can().dbc())};
  std::ranges::transform(in.can().message(), std::back_inserter(out.messages), message_from);
  return out;
}

}  // namespace davy
