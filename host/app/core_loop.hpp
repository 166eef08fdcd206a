#pragma once

#include <optional>

#include "proto/base/clock.hpp"

namespace davy {

// Where the core's thread waits: until it is woken, a signal asks to stop, or a time has come. Signals to
// stop are blocked in every thread made after this object and taken here; a second one ends the program as
// usual.
class CoreLoop {
 public:
  explicit CoreLoop(const Clock& clock);
  ~CoreLoop();
  CoreLoop(const CoreLoop&) = delete;
  CoreLoop& operator=(const CoreLoop&) = delete;

  void wake() const;  // any thread

  // The number of the signal that asks to stop, if one came.
  std::optional<int> wait_until(SteadyTime due);

 private:
  const Clock& clock_;
  int woken_ = -1;
  int signals_ = -1;
};

}  // namespace davy
