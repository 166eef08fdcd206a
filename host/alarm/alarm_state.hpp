#pragma once

#include "host/alarm/alarm.hpp"

namespace davy {

enum class AlarmEvent : std::uint8_t { condition_on, condition_off, operator_ack };

// The core of ISA-18.2 (IEC 62682): states A normal, B unacknowledged, C acknowledged, D rtn_unacknowledged.
// Events that mean nothing in a state leave it as it is. A condition that becomes unknown is no event: it
// moves nothing.
AlarmState next_state(AlarmState state, AlarmEvent event);

}  // namespace davy
