#pragma once

#include <span>

#include "proto/base/clock.hpp"
#include "proto/model/sample.hpp"

namespace davy {

// Hears what a bus has read before it goes its long way through inbox and spool: a lock cannot wait for a
// disk. Called on the bus's thread; returns at once.
class SampleTap {
 public:
  virtual ~SampleTap() = default;
  // `at`: when the replies were there.
  virtual void on_samples(std::span<const Sample> samples, SteadyTime at) = 0;
};

}  // namespace davy
