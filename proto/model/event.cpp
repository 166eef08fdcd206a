#include "proto/model/event.hpp"

namespace davy {

std::string_view to_string(EventKind kind) {
  switch (kind) {
    case EventKind::started: return "started";
    case EventKind::stopped: return "stopped";
    case EventKind::config_changed: return "config_changed";
    case EventKind::clock_stepped: return "clock_stepped";
    case EventKind::blocks_dropped: return "blocks_dropped";
    case EventKind::spool_replaced: return "spool_replaced";
    case EventKind::bus_fault: return "bus_fault";
    case EventKind::bus_restored: return "bus_restored";
    case EventKind::input_lost: return "input_lost";
    case EventKind::lock_tripped: return "lock_tripped";
    case EventKind::lock_released: return "lock_released";
    case EventKind::output_fault: return "output_fault";
    case EventKind::output_restored: return "output_restored";
    case EventKind::feed_abnormal: return "feed_abnormal";
    case EventKind::feed_abnormal_ended: return "feed_abnormal_ended";
    case EventKind::feed_lost: return "feed_lost";
    case EventKind::feed_lost_ended: return "feed_lost_ended";
    case EventKind::flow_contradiction: return "flow_contradiction";
    case EventKind::flow_contradiction_ended: return "flow_contradiction_ended";
    case EventKind::key_used: return "key_used";
    case EventKind::key_refused: return "key_refused";
    case EventKind::key_ended: return "key_ended";
  }
  return "unknown";
}

}  // namespace davy
