#pragma once

#include "drivers/api/output_port.hpp"
#include "gateway/interlock/output_watch.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Makes one output do what the interlock wants, on the thread that owns its port: writes a new command at
// once, reads it back at once and then every `check_every`, and writes again whenever it does not read back
// as wanted. Never gives up: an output that sticks is told again for as long as it does. Waits between two
// attempts, so that a dead relay module does not take its bus from the sensors.
class OutputDrive {
 public:
  OutputDrive(OutputPort& port, Duration check_every) : port_{port}, check_every_{check_every} {}

  // True when the port was used: report() is new. `on` is what the interlock wants now.
  bool step(bool on, SteadyTime now);
  // When to step though the command stays.
  SteadyTime next_due() const { return due_; }
  const OutputReport& report() const { return report_; }

 private:
  OutputPort& port_;
  const Duration check_every_;
  std::optional<bool> told_;  // the last command; none before the first
  SteadyTime due_;
  OutputReport report_;
};

}  // namespace davy
