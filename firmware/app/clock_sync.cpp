#include "firmware/app/clock_sync.hpp"

#include <sys/timex.h>

namespace davy {

bool clock_is_disciplined() {
  timex state{};  // modes 0: only asks
  const int answer = adjtimex(&state);
  return answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace davy
