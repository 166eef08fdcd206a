#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "proto/wire/profile.hpp"

namespace davy {

// A stretch of what was heard on a line: a frame with a right checksum, or bytes that are none.
struct HeardFrame {
  std::vector<std::uint8_t> bytes;  // with the checksum
  bool whole = false;               // the checksum is right
  std::chrono::microseconds began{0}, ended{0};
  // Silence before it; none where nothing was before, or where both came in one read, which tells nothing.
  std::optional<std::chrono::microseconds> gap;

  std::uint8_t unit() const { return bytes[0]; }      // of a whole one
  std::uint8_t function() const { return bytes[1]; }  // with bit 7 set in an exception
};

// Cuts what is heard on a Modbus RTU line into frames, without ever sending. A reader gets its bytes late and
// in lumps: a USB adapter bundles 16 ms, so two frames may come in one read and one frame in two. Frames are
// therefore found by their checksum at the lengths that their function code allows, and gaps only help: they
// end a frame of unknown length, and what never becomes one. Rubbish is passed on as such, and the next frame
// behind it is found again.
class RtuSniffer {
 public:
  explicit RtuSniffer(const SerialSettings& line);

  // Bytes that were read together at `now`; what became complete is added to `out`.
  void take(std::span<const std::uint8_t> bytes, std::chrono::microseconds now, std::vector<HeardFrame>& out);
  // Nothing more has come until `now`. To be called when the line was silent for settle().
  void idle(std::chrono::microseconds now, std::vector<HeardFrame>& out);
  // Longer silence than this ends whatever has been heard so far.
  std::chrono::microseconds settle() const { return settle_; }

 private:
  // Where a lump begins in pending_.
  struct Lump {
    std::size_t at = 0;
    std::chrono::microseconds began{0}, ended{0};
    std::optional<std::chrono::microseconds> gap;
  };
  void split(bool ended, std::vector<HeardFrame>& out);
  std::size_t whole_at(std::size_t start, bool ended) const;
  bool may_grow(std::size_t start) const;
  std::size_t next_whole(bool ended) const;
  void emit(std::size_t size, bool whole, std::vector<HeardFrame>& out);

  const SerialSettings line_;
  const std::chrono::microseconds settle_;
  std::vector<std::uint8_t> pending_;
  std::vector<Lump> lumps_;
  std::optional<std::chrono::microseconds> last_;  // when bytes came last
};

}  // namespace davy
