#pragma once

#include <memory>
#include <vector>

#include "drivers/api/register_bus.hpp"
#include "firmware/app/lock_board.hpp"
#include "firmware/app/output_group.hpp"
#include "gateway/interlock/interlock.hpp"
#include "gateway/scan/bus_batch.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy::sim {

// The local locks of one life of a gateway: the real interlock, board and output drive, in one thread with
// the bus. The relay is a register of the bus.
class SimLocks {
 public:
  // `config.interlock` is there.
  SimLocks(const GatewayConfig& config, RegisterBus& bus, BatchInbox& inbox, Now now);

  SampleTap& tap() { return board_; }
  void step(Now now);
  SteadyTime next_due() const { return due_; }

  bool cuts() const { return cuts_; }  // what the locks want now
  bool output_faulty() const { return locks_.faulty(0); }

 private:
  BatchInbox& inbox_;
  LockBoard board_;
  std::unique_ptr<OutputGroup> outputs_;
  Interlock locks_;
  std::vector<InputReading> inputs_;
  std::vector<OutputReport> reports_;
  std::vector<Event> events_;  // until the inbox has taken them
  SteadyTime due_;
  bool cuts_ = true;
};

}  // namespace davy::sim
