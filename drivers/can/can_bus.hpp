#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/can/can_frame.hpp"
#include "proto/base/result.hpp"

namespace davy {

// How the bus is, as our own controller sees it; each worse than the one before.
enum class CanCondition : std::uint8_t {
  active,     // normal
  warning,    // more than 96 errors counted: a bad cable, termination or bit rate
  passive,    // more than 127: our controller no longer takes part in telling errors
  bus_off,    // more than 255 while sending: our controller has switched itself off; nothing is received
  port_lost,  // the interface is down, or gone
};
std::string_view to_string(CanCondition condition);

// What error frames tell, each counted by itself because each means something else to who mends it.
enum class CanErrorKind : std::uint8_t {
  tx_timeout,
  lost_arbitration,
  rx_overflow,  // the controller's own buffer: frames are lost before the kernel sees them
  tx_overflow,
  bit,
  form,
  stuff,
  dominant_only,   // cannot send recessive: a short circuit, or the wrong bit rate
  recessive_only,  // cannot send dominant: a cut wire or a dead transceiver
  overload,
  transceiver,
  no_ack,  // nobody else is on the bus, or nobody with our bit rate
  bus_error,
  bus_off,
  restarted,
};
inline constexpr std::size_t can_error_kinds = static_cast<std::size_t>(CanErrorKind::restarted) + 1;
std::string_view to_string(CanErrorKind kind);

// Since the start of the program.
struct CanCounters {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;  // could not be sent
  std::uint64_t dropped = 0;  // by the kernel, because nobody read in time
  std::uint64_t error_frames = 0;
  std::uint64_t bus_offs = 0;
  std::uint64_t recoveries = 0;  // from bus_off
  std::uint64_t losses = 0;      // of the interface
  std::array<std::uint64_t, can_error_kinds> errors{};

  std::uint64_t of(CanErrorKind kind) const { return errors[static_cast<std::size_t>(kind)]; }
};

// How reading went.
struct CanReport {
  std::size_t frames = 0;    // in out[0..frames)
  CanCondition condition{};  // now
  CanCondition worst{};      // at any moment of this read: a bus that was off and is back shows here
  std::string message;       // for a person, when the bus is off or the port lost; otherwise empty

  bool hears() const { return condition < CanCondition::bus_off; }
};

// Ids that are wanted: those equal to `id` in the bits of `mask`.
struct CanFilter {
  CanId id;
  std::uint32_t mask = extended_id_max;  // of the number; whether it is extended is always compared

  bool passes(CanId other) const {
    return id.extended == other.extended && ((id.number ^ other.number) & mask) == 0;
  }
  bool operator==(const CanFilter&) const = default;
};
// Everything of one parameter group of J1939 or NMEA 2000, whoever sends it to whom at what priority.
CanFilter group_filter(std::uint32_t group);

// One CAN bus. Called only from that bus's thread. Opens its interface when needed and again when it comes
// back; never throws.
class CanBus {
 public:
  virtual ~CanBus() = default;
  // Blocks until something is there, the bus's condition changes, or for `wait_max`; may return early with
  // nothing. Gives frames in the order they came, each with the time of its arrival.
  virtual CanReport read(std::span<CanArrival> out, Duration wait_max) = 0;
  // Into the controller's queue: no error does not mean that anybody has received it.
  virtual Status send(const CanFrame& frame) = 0;
  virtual const CanCounters& counters() const = 0;
};

}  // namespace davy
