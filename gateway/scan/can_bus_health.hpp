#pragma once

#include <string>

#include "drivers/can/can_bus.hpp"
#include "gateway/scan/batch_desk.hpp"

namespace davy {

// Tells log and surface how a CAN bus is:
//   sound --(error passive)-------------> impaired --(bus-off, interface down or gone)--> lost
// Worse is told at once, better only after it has lasted for calm_time: a bad cable goes on and off many
// times a second, and that is one fault.
class CanBusHealth {
 public:
  static constexpr Duration calm_time{2000};

  explicit CanBusHealth(const std::string& bus) : bus_{bus} {}

  // After each read.
  void look(const CanReport& report, const CanCounters& counters, Now now, BatchDesk& desk);
  // Is the bus now such that nothing at all can be heard?
  bool is_deaf() const { return deaf_; }
  SteadyTime next_due() const;

 private:
  enum class Fault : std::uint8_t { none, impaired, lost };

  static Fault fault_of(CanCondition condition);
  void worsen(Fault to, const CanReport& report, const CanCounters& counters, Now now, BatchDesk& desk);
  void improve(Fault to, Now now, BatchDesk& desk);
  void tell_lost_frames(const CanCounters& counters, Now now, BatchDesk& desk);

  const std::string& bus_;
  Fault told_ = Fault::none;
  Fault better_ = Fault::none;     // the worst since calm_since_, when better than told_
  SteadyTime calm_since_ = never;  // never: it is as bad as was told
  std::string last_message_;       // of the worst
  bool deaf_ = false;
  std::uint64_t lost_frames_told_ = 0;
  SteadyTime next_lost_frames_ = SteadyTime::min();
};

}  // namespace davy
