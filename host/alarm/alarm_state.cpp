#include "host/alarm/alarm_state.hpp"

#include <cstdlib>

namespace davy {

AlarmState next_state(AlarmState state, AlarmEvent event) {
  using enum AlarmState;
  const bool on = event == AlarmEvent::condition_on;
  const bool off = event == AlarmEvent::condition_off;
  const bool ack = event == AlarmEvent::operator_ack;
  switch (state) {
    case normal: return on ? unacknowledged : normal;
    case unacknowledged: return ack ? acknowledged : off ? rtn_unacknowledged : state;
    case acknowledged: return off ? normal : state;
    case rtn_unacknowledged: return ack ? normal : on ? unacknowledged : state;
  }
  std::abort();
}

}  // namespace davy
