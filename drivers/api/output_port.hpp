#pragma once

#include "proto/base/result.hpp"

namespace davy {

// One switched output: a relay, an intrinsically safe cutter, a lamp. Knows electricity only: whether `on`
// cuts or feeds is the wiring's business and is decided by who calls. Blocking, for about one exchange on its
// bus; called only from the thread that owns its bus. Never throws and never retries: the caller does, for
// ever.
class OutputPort {
 public:
  virtual ~OutputPort() = default;
  // Energises the output or takes its energy away. Good means that the device took the command, no more.
  // After an error nobody knows which state it is in.
  virtual Status set(bool on) = 0;
  // The state the output is in now, asked anew every time; never the one that was set last.
  virtual Result<bool> read_back() = 0;
};

}  // namespace davy
