#include "drivers/can/tpdo.hpp"

namespace davy {
namespace {

constexpr std::size_t tpdo_bits_max = 64;

std::size_t bits_of(RawKind kind) {
  switch (kind) {
    case RawKind::float32: return 32;
    case RawKind::float64: return 64;
    case RawKind::unsigned_number:
    case RawKind::signed_number: break;
  }
  return 0;  // any
}

}  // namespace

MappedObject read_mapping(std::uint32_t entry) {
  return {.object = {static_cast<std::uint16_t>(entry >> 16U), static_cast<std::uint8_t>(entry >> 8U)},
          .bits = static_cast<std::uint8_t>(entry)};
}

std::optional<CanId> read_tpdo_id(std::uint32_t cob_id) {
  if ((cob_id & 0x8000'0000U) != 0) return std::nullopt;
  const bool extended = (cob_id & 0x2000'0000U) != 0;
  return CanId{.number = cob_id & (extended ? extended_id_max : standard_id_max), .extended = extended};
}

Result<DbcMessage> tpdo_message(CanId id, const std::string& name, std::span<const TpdoEntry> entries,
                                std::optional<Duration> cycle) {
  DbcMessage message{.id = id, .name = name, .cycle = cycle};
  const std::string where = "TPDO " + name + ": ";
  if (!is_possible(id)) return fail(Errc::bad_config, where + to_string(id) + " is no id; correct it");
  std::size_t at = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const TpdoEntry& entry = entries[i];
    const std::string what = where + "entry " + std::to_string(i + 1) + " (" + entry.name + ") ";
    const auto refuse = [&](const std::string& why) { return fail(Errc::bad_config, what + why); };
    if (entry.bits == 0) return refuse("has 0 bits; give it its length");
    if (at + entry.bits > tpdo_bits_max) {
      return refuse("ends at bit " + std::to_string(at + entry.bits) +
                    ", and a TPDO has 64; correct the lengths, or delete entries");
    }
    if (const std::size_t bits = bits_of(entry.kind); bits != 0 && bits != entry.bits) {
      return refuse("is a floating-point number of " + std::to_string(bits) + " bits; correct its length");
    }
    if (entry.factor == 0) return refuse("has the factor 0, so every value would be the same; correct it");
    if (!entry.name.empty()) {
      if (message.find(entry.name)) return refuse("has a name that another has; rename one");
      message.signals.push_back({.name = entry.name,
                                 .start_bit = static_cast<std::uint16_t>(at),
                                 .length = entry.bits,
                                 .order = BitOrder::little_endian,
                                 .kind = entry.kind,
                                 .factor = entry.factor,
                                 .offset = entry.offset,
                                 .unit = entry.unit});
    }
    at += entry.bits;
  }
  message.size = static_cast<std::uint8_t>((at + 7) / 8);
  return message;
}

}  // namespace davy
