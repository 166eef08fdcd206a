#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "host/core/host_view.hpp"
#include "host/history/batch.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// A sample with its place in time.
struct JudgedReading {
  HostPointId point = no_point;
  double value = 0;
  Quality quality;
  WallTime at;        // corrected source time
  bool live = false;  // false: history only, whatever it says is not now
  ClockMark clock = ClockMark::ok;
};

// What ingest finds out, told at once and in order, before it is committed.
class IngestSink {
 public:
  virtual ~IngestSink() = default;
  virtual void on_point(const HostPoint& point) = 0;                      // new, defined anew, or withdrawn
  virtual void on_readings(std::span<const JudgedReading> readings) = 0;  // of one block
  virtual void on_gateway(const std::string& name, bool at_once) = 0;     // its status has changed
  virtual void on_gateway_seen(const std::string& name, bool seen) = 0;
  virtual void on_gateway_alarm(const std::string& name, const std::string& kind, bool active,
                                const std::string& reason, std::uint8_t priority) = 0;
  // The host has this block for good already: the ack got lost.
  virtual void on_known_block(const std::string& gateway, StreamId stream, Seq seq) = 0;
  // A gateway is on the broker, seen for the first time since the host is; with the stream it writes now. It
  // may have taken the host to be away, and waits for a word.
  virtual void on_gateway_found(const std::string& gateway, const Uuid& stream,
                                std::optional<StreamId> known_as) = 0;
  virtual void on_command(const std::string& gateway, const Command& command) = 0;
  virtual void on_reply(const std::string& gateway, const Reply& reply) = 0;  // to a command
};

}  // namespace davy
