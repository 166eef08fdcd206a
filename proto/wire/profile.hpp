#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/can_profile.hpp"
#include "proto/wire/register_words.hpp"
#include "proto/wire/tag_reader_profile.hpp"

// A device model read from a profile file (proto/wire/profile.proto explains the fields), as plain values.
namespace davy {

enum class Parity : std::uint8_t { none, even, odd };
struct SerialSettings {
  std::uint32_t baud = 9600;
  Parity parity = Parity::none;
  std::uint32_t stop_bits = 1;

  bool operator==(const SerialSettings&) const = default;
};

// Of a Modbus device in registers, or of a CAN device in `can`: then table to offset mean nothing.
struct SignalProfile {
  std::string name;
  RegisterTable table{};
  std::uint16_t address = 0;
  Encoding encoding{};
  WordOrder word_order = WordOrder::abcd;
  std::uint8_t bit_first = 0;
  std::uint8_t bit_count = 1;
  double scale = 1;
  double offset = 0;
  std::string quantity;
  std::string unit;
  std::optional<double> range_low;
  std::optional<double> range_high;
  std::vector<RawMeaning> raw_meanings;
  std::string text;
  std::optional<CanSignalProfile> can;
};

struct StatusCode {
  std::uint16_t value = 0;
  QualityFlag means{};
};
struct StatusProfile {
  RegisterTable table{};
  std::uint16_t address = 0;
  std::vector<std::string> applies_to;  // empty: every signal of the device
  std::vector<StatusBit> bits;
  std::vector<StatusCode> codes;
  std::uint16_t code_mask = 0xFFFF;
};

struct DeviceProfile {
  std::string name;
  std::string maker;
  std::string model;
  std::vector<std::string> sources;
  SerialSettings serial;
  std::uint16_t registers_per_request_max = 125;
  std::uint16_t bits_per_request_max = 2000;
  std::optional<std::uint16_t> gap_registers_max;  // none: as it pays
  Duration reply_timeout{300};
  Duration pause_after_reply{0};
  std::vector<SignalProfile> signals;
  std::vector<StatusProfile> statuses;
  // A device on CAN; it has no registers and no `statuses`.
  std::optional<CanProfile> can;
  // A reader of positioning tags. Behind Modbus it may have signals beside; otherwise it has none.
  std::optional<TagReaderProfile> tag_reader;
};

// Errors: "<file>:<line>:<column>: <field>: <what is wrong and what to do>"; all problems found, one a line.
Result<DeviceProfile> parse_profile(std::string_view text, const std::string& file);
Result<DeviceProfile> load_profile(const std::string& file);

}  // namespace davy
