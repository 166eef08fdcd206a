#pragma once

#include <cstdint>

#include "drivers/api/output_port.hpp"

namespace davy {

// The fake beside OutputPort: a relay in memory that sticks, or falls silent, when told to. Not thread-safe.
class FakeOutput final : public OutputPort {
 public:
  bool on = false;      // what a person would see at the relay; a test may change it
  bool stuck = false;   // takes every command and does not move
  bool silent = false;  // answers nothing; commands do not arrive
  std::uint32_t sets = 0;

  Status set(bool wanted) override {
    ++sets;
    if (silent) return fail(Errc::timeout, "fake output: silent");
    if (!stuck) on = wanted;
    return {};
  }
  Result<bool> read_back() override {
    if (silent) return fail(Errc::timeout, "fake output: silent");
    return on;
  }
};

}  // namespace davy
