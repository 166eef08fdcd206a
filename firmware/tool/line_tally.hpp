#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "drivers/modbus/exchange_pairing.hpp"

namespace davy {

// What was heard on a line, counted.
class LineTally {
 public:
  // Of one unit and one function.
  struct Talk {
    std::uint32_t answered = 0, refused = 0, unanswered = 0, damaged = 0, orphan = 0;
    std::map<std::uint8_t, std::uint32_t> exceptions;
    std::uint16_t address_first = UINT16_MAX, address_last = 0;  // of reads
    std::chrono::microseconds reply_after_max{0};
  };
  using Talks = std::map<std::pair<std::uint8_t, std::uint8_t>, Talk>;  // by unit and function

  explicit LineTally(const SerialSettings& line) : line_{line} {}

  void count_bytes(std::size_t bytes) { bytes_ += bytes; }
  void take(const HeardFrame& frame);
  void take(const HeardExchange& exchange);

  std::uint64_t bytes() const { return bytes_; }
  std::uint32_t frames() const { return frames_; }
  std::uint32_t damaged() const { return damaged_; }
  const Talks& talks() const { return talks_; }
  // Enough to say that the line's settings are these.
  bool is_understood() const { return frames_ >= 2 && frames_ > damaged_; }
  // A unit that damages most of its answers while others are understood: two devices may have its number.
  bool is_doubled(std::uint8_t unit) const;
  // The table of units and functions, and the counts.
  std::string report() const;

 private:
  const SerialSettings line_;
  std::uint64_t bytes_ = 0;
  std::uint32_t frames_ = 0, damaged_ = 0, gaps_seen_ = 0, gaps_short_ = 0;
  std::optional<std::chrono::microseconds> gap_min_;
  Talks talks_;
};

}  // namespace davy
