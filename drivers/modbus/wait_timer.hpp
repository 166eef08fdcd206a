#pragma once

#include <chrono>

namespace davy {

// A time span that a bus may have to wait for: the silence on a line, the deadline of a reply. A kernel
// timer, so it needs no clock of ours, is exact to microseconds and can be waited for together with a port.
// Made once, when its bus is.
class WaitTimer {
 public:
  WaitTimer();
  ~WaitTimer();
  WaitTimer(const WaitTimer&) = delete;
  WaitTimer& operator=(const WaitTimer&) = delete;

  // Starts anew. Not armed yet means expired.
  void arm(std::chrono::microseconds span);
  bool expired() const;
  std::chrono::microseconds remaining() const;  // 0 when expired
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

enum class Woken { readable, expired, hung_up };

// Blocks until the port has something to read, is gone, or the timer expires; the only place in Modbus that
// waits. Something to read comes first: a reply that is there is never called late.
Woken wait_readable(int port, const WaitTimer& until);
// The same for a port that is to take something, or a connection that is being made.
void wait_writable(int port, const WaitTimer& until);

}  // namespace davy
