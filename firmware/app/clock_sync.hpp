#pragma once

namespace davy {

// Does the kernel say that NTP, PTP or the like steers the wall clock at this moment?
bool clock_is_disciplined();

}  // namespace davy
