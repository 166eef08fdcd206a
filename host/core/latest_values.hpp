#pragma once

#include <vector>

#include "host/core/host_view.hpp"
#include "host/ingest/ingest_sink.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// The newest reading of every point, and which have changed since they were last told. Empty after a start:
// what was true before says nothing about now.
class LatestValues {
 public:
  void define(HostPointId point);
  void take(const JudgedReading& reading, Now now);

  // Everything that changed since the last call.
  const std::vector<LatestValue>& take_changed();

 private:
  struct Entry {
    LatestValue value;
    bool changed = false;
  };
  std::vector<Entry> entries_;  // by point number, from 1
  std::vector<HostPointId> changed_;
  std::vector<LatestValue> told_;
};

}  // namespace davy
