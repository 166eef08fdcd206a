#include "drivers/tags/tag_slot.hpp"

#include "drivers/modbus/register_codec.hpp"

namespace davy {
namespace {

std::optional<SignalProfile> signal_of(const std::optional<SlotField>& field) {
  if (!field) return std::nullopt;
  return SignalProfile{.table = RegisterTable::holding,
                       .address = field->slot_register,
                       .encoding = field->encoding,
                       .word_order = field->word_order,
                       .bit_first = field->bit_first,
                       .bit_count = field->bit_count,
                       .scale = field->scale};
}

std::optional<double> number_in(const std::optional<SignalProfile>& field,
                                std::span<const std::uint16_t> registers) {
  if (!field) return std::nullopt;
  const auto raw = raw_number(*field, registers.subspan(field->address, register_count(field->encoding)));
  return raw ? scaled(*field, *raw) : std::nullopt;
}

bool is_on(const std::optional<SlotFlag>& flag, std::span<const std::uint16_t> registers) {
  if (!flag) return false;
  const unsigned word = registers[flag->slot_register];
  return ((word >> flag->bit & 1U) != 0) == flag->when;
}

std::uint16_t swapped(std::uint16_t word) { return static_cast<std::uint16_t>((word << 8U) | (word >> 8U)); }

std::uint64_t tag_in(const TagWords& tag, std::span<const std::uint16_t> registers) {
  const bool low_first = tag.word_order == WordOrder::cdab || tag.word_order == WordOrder::dcba;
  const bool bytes_swapped = tag.word_order == WordOrder::badc || tag.word_order == WordOrder::dcba;
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < tag.registers; ++i) {
    const std::uint16_t word = registers[tag.slot_register + (low_first ? tag.registers - 1U - i : i)];
    out = (out << 16U) | (bytes_swapped ? swapped(word) : word);
  }
  return out;
}

}  // namespace

TagSlot::TagSlot(const TagSlotProfile& profile)
    : profile_{profile},
      distance_{signal_of(profile.distance)},
      rssi_{signal_of(profile.rssi)},
      age_{signal_of(profile.age)} {}

RawSighting TagSlot::decode(std::span<const std::uint16_t> registers) const {
  RawSighting out{.tag = tag_in(profile_.tag, registers)};
  if (profile_.number_register) out.number = registers[*profile_.number_register];
  out.distance_m = number_in(distance_, registers);
  out.before = is_on(profile_.before, registers);
  out.rssi_dbm = number_in(rssi_, registers);
  out.age_s = number_in(age_, registers);
  out.sos = is_on(profile_.sos, registers);
  out.low_battery = is_on(profile_.low_battery, registers);
  return out;
}

}  // namespace davy
