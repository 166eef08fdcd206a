#pragma once

#include <cstdint>
#include <string>

#include "drivers/api/socket_watch.hpp"
#include "drivers/tags/tag_line_reader.hpp"
#include "gateway/scan/batch_desk.hpp"
#include "gateway/scan/scan_grid.hpp"
#include "gateway/scan/scanner.hpp"
#include "gateway/scan/tag_desk.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// Listens to one reader of tags that sends lines over TCP. Never blocks. Sightings go on together, ten times
// a second at most; an SOS at once. A connection that is lost, or cannot be made, is told as a fault and
// tried again; it is over when the reader has sent something again, where it has to.
class LineScanner final : public Scanner {
 public:
  // `settings` has one device; `profile` is its. The caller keeps `settings`, `watch` and what `desk` refers
  // to alive.
  LineScanner(const BusSettings& settings, const TagLinesProfile& profile, BatchDesk desk, SocketWatch& watch,
              SteadyTime start);
  ~LineScanner() override;
  LineScanner(const LineScanner&) = delete;
  LineScanner& operator=(const LineScanner&) = delete;

  SteadyTime step(Now now) override;
  const std::string& bus_name() const override { return settings_.name; }
  void log_counters() const override;

  const TagCounters& counters() const { return tags_.counters(); }

 private:
  void receive(Now now);
  void look_at_connection(Now now);
  bool is_pressing() const;
  BusCounts bus_counts() const;

  const BusSettings& settings_;
  const DeviceSettings& device_;
  BatchDesk desk_;
  SocketWatch& watch_;
  TagLineReader reader_;
  const bool speaks_when_idle_;
  TagDesk tags_;
  TagReport report_;  // not handed on yet
  SteadyTime next_batch_;
  ScanGrid pulse_;  // a sign of life to the edge
  std::uint32_t failures_seen_ = 0;
  bool fault_told_ = false;
  SteadyTime silent_since_;
};

}  // namespace davy
