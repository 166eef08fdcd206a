#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/wire/register_words.hpp"

// How a reader of positioning tags tells what it has seen, as plain values; message TagReader of
// proto/wire/profile.proto explains the fields.
namespace davy {

inline constexpr std::uint16_t tag_ring_slots_max = 4096;

// A number in a slot. The register counts from the slot's first.
struct SlotField {
  std::uint16_t slot_register = 0;
  Encoding encoding = Encoding::u16;
  WordOrder word_order = WordOrder::abcd;
  std::uint8_t bit_first = 0;
  std::uint8_t bit_count = 1;
  double scale = 1;
};
struct SlotFlag {
  std::uint16_t slot_register = 0;
  std::uint8_t bit = 0;
  bool when = true;
};
struct TagWords {
  std::uint16_t slot_register = 0;
  std::uint8_t registers = 1;  // 1, 2 or 4
  WordOrder word_order = WordOrder::abcd;
};
struct TagSlotProfile {
  TagWords tag;
  std::optional<std::uint16_t> number_register;
  std::optional<SlotField> distance;  // m
  std::optional<SlotFlag> before;
  std::optional<SlotField> rssi;  // dBm
  std::optional<SlotField> age;   // s
  std::optional<SlotFlag> sos;
  std::optional<SlotFlag> low_battery;
};

struct TagRingProfile {
  RegisterTable table{};
  std::uint16_t newest_address = 0;
  bool skips_zero = false;
  std::uint16_t capacity = 0;  // 0: the register at capacity_address tells it
  std::uint16_t capacity_address = 0;
  std::uint16_t first_slot_address = 0;
  std::uint16_t slot_registers = 0;
  TagSlotProfile slot;  // with its number
};

enum class TagRelease : std::uint8_t { write_count, write_number, gone_when_read };
enum class TagOverrun : std::uint8_t { count, flag };
struct TagFifoProfile {
  RegisterTable table{};
  std::uint16_t count_address = 0;
  std::uint16_t first_slot_address = 0;
  std::uint16_t slot_registers = 0;
  std::uint16_t slots = 0;
  TagSlotProfile slot;
  TagRelease release{};
  std::uint16_t release_address = 0;  // unless gone_when_read
  std::optional<std::uint16_t> overrun_address;
  TagOverrun overrun{};
};

// Names of a DBC file; empty where there is no such signal.
struct TagCanMessage {
  std::string name;
  std::string tag;
  std::string number;
  std::string distance;
  double distance_scale = 1;
  std::string before;
  std::string rssi;
  std::string age;
  double age_scale = 1;
  std::string sos;
  std::string low_battery;
};
struct TagCanProfile {
  std::string dbc;  // path of the file
  std::vector<TagCanMessage> messages;
};

// By its column from 1, or by its key when the column is 0.
struct LineField {
  std::uint32_t column = 0;
  std::string key;
  double scale = 1;
  std::string word;  // of a flag: what says that it is on
};
struct TagLinesProfile {
  std::optional<std::uint16_t> port;
  std::string begins_with;
  std::vector<std::string> ignored;
  std::string separator;
  std::string key_sign;
  std::size_t line_length_max = 256;
  Duration silent_after{30'000};  // 0: never
  LineField tag;
  int tag_base = 10;
  std::optional<LineField> number;
  std::uint64_t number_modulus = 65536;
  std::optional<LineField> distance;
  std::optional<LineField> before;
  std::optional<LineField> rssi;
  std::optional<LineField> age;
  std::optional<LineField> sos;
  std::optional<LineField> low_battery;
};

using TagReaderProfile = std::variant<TagRingProfile, TagFifoProfile, TagCanProfile, TagLinesProfile>;

}  // namespace davy
