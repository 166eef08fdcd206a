#include "tests/sim/sim_locks.hpp"

#include <algorithm>

#include "firmware/app/bus_factory.hpp"

namespace davy::sim {

SimLocks::SimLocks(const GatewayConfig& config, RegisterBus& bus, BatchInbox& inbox, Now now)
    : inbox_{inbox},
      board_{config.points.size(), config.interlock->outputs.size()},
      outputs_{make_bus_outputs(*config.interlock, 0, bus, board_)},
      locks_{*config.interlock, config.points, {}, now},
      due_{now.steady} {}

// Judge, switch, and judge what the switching reported; a second report brings nothing new.
void SimLocks::step(Now now) {
  for (int round = 0; round < 2; ++round) {
    board_.read(inputs_, reports_);
    const InterlockStep& step = locks_.step(inputs_, reports_, now);
    cuts_ = step.outputs[0].acting;
    board_.command(0, step.outputs[0].on);
    events_.insert(events_.end(), step.events.begin(), step.events.end());
    due_ = std::min(step.next_due, outputs_->step(now.steady));
  }
  if (events_.empty()) return;
  if (inbox_.push(BusBatch{.bus = no_bus, .counts = {}, .samples = {}, .sightings = {}, .events = events_}))
    events_.clear();
}

}  // namespace davy::sim
