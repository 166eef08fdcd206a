#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/can/can_frame.hpp"
#include "proto/base/result.hpp"

// What a DBC file says of a CAN bus, as plain values: the part of the format that reading sensors needs.
namespace davy {

inline constexpr std::size_t dbc_size_max = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t dbc_signals_max = 1024;  // of one message
inline constexpr std::size_t dbc_ranges_max = 256;    // of one signal's multiplexer

enum class BitOrder : std::uint8_t { little_endian, big_endian };  // "Intel" and "Motorola"
enum class RawKind : std::uint8_t { unsigned_number, signed_number, float32, float64 };

// Raw values of a multiplexer, both ends included.
struct RawRange {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// What raw values mean.
using DbcTexts = std::vector<std::pair<std::int64_t, std::string>>;

// A signal that is in the frame only while another one, its multiplexer, has one of these values.
struct DbcSelection {
  std::size_t multiplexer = 0;  // place in DbcMessage::signals
  std::vector<RawRange> when;   // by their low ends
};

// Value = raw * factor + offset.
struct DbcSignal {
  std::string name;
  std::uint16_t start_bit = 0;  // as the format counts: of big-endian signals the highest bit
  std::uint16_t length = 0;     // bits, 1 to 64
  BitOrder order{};
  RawKind kind{};
  double factor = 1;
  double offset = 0;
  std::optional<std::pair<double, double>> range;  // none: the file says [0|0]
  std::string unit;
  bool multiplexer = false;
  std::optional<DbcSelection> selection;
  std::shared_ptr<const DbcTexts> texts;  // shared: one table of the file may serve thousands of signals
  std::string comment;

  // The meaning of a raw value, or empty.
  std::string_view text_of(std::int64_t raw) const;
};

struct DbcMessage {
  CanId id;
  std::string name;
  std::uint8_t size = 0;  // bytes
  std::string sender;
  std::string comment;
  std::optional<Duration> cycle;  // GenMsgCycleTime; how often it is sent
  std::vector<DbcSignal> signals;

  // Its place in `signals`.
  std::optional<std::size_t> find(std::string_view signal) const;
};

// Statements that mean nothing to Davy: "EV_", 12 times, first in line 80.
struct DbcSkipped {
  std::string what;
  std::size_t count = 0;
  std::size_t first_line = 0;
};

struct Dbc {
  std::vector<DbcMessage> messages;  // in the order of the file
  std::vector<DbcSkipped> skipped;

  const DbcMessage* find(CanId id) const;
  const DbcMessage* find(std::string_view message) const;
};

// Errors are bad_config with one line a problem: "FILE:LINE:COLUMN: what is wrong; what to do". `file` is for
// those messages only. A text that is not UTF-8 is taken as Latin-1, as older tools write it.
Result<Dbc> parse_dbc(std::string_view text, const std::string& file);
Result<Dbc> read_dbc(const std::string& file);

}  // namespace davy
