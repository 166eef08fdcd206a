#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/history/batch.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// How much of what cannot be trusted is kept: one message a second of each gateway, the rest is only counted.
// The same message again and again (a gateway sends until it is acked) raises the count of the one that was
// kept.
class QuarantineGate {
 public:
  static constexpr Duration distance{1000};

  // What to store now, if anything.
  std::optional<QuarantineRow> pass(const std::string& gateway, std::string_view topic,
                                    std::string_view payload, const std::string& reason, Now now);

 private:
  SteadyTime next_ = SteadyTime::min();
  Hash held_{};  // the last one that was not stored, and how often it came
  std::uint64_t held_count_ = 0;
};

}  // namespace davy
