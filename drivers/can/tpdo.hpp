#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "drivers/can/dbc.hpp"
#include "drivers/can/sdo_upload.hpp"

namespace davy {

// One object in a CANopen node's process data, in the order it is sent.
struct TpdoEntry {
  std::string name;  // empty: a gap of so many bits
  std::uint8_t bits = 0;
  RawKind kind{};
  double factor = 1;
  double offset = 0;
  std::string unit;
};

// What objects 1A00h and following say of an entry.
struct MappedObject {
  ObjectAddress object;
  std::uint8_t bits = 0;

  bool is_gap() const { return object.index < 0x20; }  // an object of these stands for a data type only
};
MappedObject read_mapping(std::uint32_t entry);

// What sub-index 1 of objects 1800h and following says: with which id it is sent. None: not at all.
std::optional<CanId> read_tpdo_id(std::uint32_t cob_id);

// A TPDO as a message, for the same decoder and watch as a DBC file's. The error says which entry is wrong.
Result<DbcMessage> tpdo_message(CanId id, const std::string& name, std::span<const TpdoEntry> entries,
                                std::optional<Duration> cycle);

}  // namespace davy
