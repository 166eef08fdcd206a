#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/wire/quality_flag.hpp"

// What a profile says of a device on CAN (proto/wire/profile.proto explains the fields), as plain values.
namespace davy {

// A signal of the DBC file, by its names.
struct CanSource {
  std::string message;
  std::string signal;
  std::optional<Duration> period;  // none: the DBC file's
  std::uint32_t periods = 3;       // so many without it: silent
  std::string where;               // "FILE:LINE:COLUMN: can.signal[0]", for what the DBC file does not have
};

struct CanSignalProfile {
  CanSource source;
  bool is_state = false;
};

struct CanStatusProfile {
  CanSource source;
  std::vector<std::string> applies_to;  // empty: every signal of the device
  std::vector<RawMeaning> codes;
  std::vector<StatusBit> bits;
};

// How the ids of the DBC file become those of a device.
enum class CanAddressing : std::uint8_t {
  as_in_dbc,
  canopen_node,  // the unit takes the place of dbc_node
  j1939_source,  // the unit is the sender's address; none: any sender
};

struct CanProfile {
  std::string dbc;    // path of the file
  std::string where;  // "FILE:LINE:COLUMN: can.dbc"
  CanAddressing addressing{};
  std::uint8_t dbc_node = 0;
  std::optional<Duration> heartbeat;  // of a CANopen node: how often; none: it sends none
  std::vector<CanStatusProfile> statuses;
};

}  // namespace davy
