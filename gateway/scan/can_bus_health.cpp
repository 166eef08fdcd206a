#include "gateway/scan/can_bus_health.hpp"

#include <algorithm>

#include "proto/base/log.hpp"

namespace davy {
namespace {

// Frames are lost in bursts: one line a minute tells of all of them.
constexpr Duration lost_frames_every{60'000};

// The kinds of error that were counted, most first.
std::string errors_text(const CanCounters& counters) {
  std::vector<std::pair<std::uint64_t, CanErrorKind>> kinds;
  for (std::size_t i = 0; i < can_error_kinds; ++i) {
    if (counters.errors[i] > 0) kinds.emplace_back(counters.errors[i], static_cast<CanErrorKind>(i));
  }
  std::ranges::sort(kinds, std::greater{});
  std::string out;
  for (const auto& [count, kind] : kinds) {
    out += (out.empty() ? "" : ", ") + std::string{to_string(kind)} + " " + std::to_string(count);
  }
  return out.empty() ? "none counted" : out;
}

}  // namespace

CanBusHealth::Fault CanBusHealth::fault_of(CanCondition condition) {
  if (condition >= CanCondition::bus_off) return Fault::lost;
  return condition == CanCondition::passive ? Fault::impaired : Fault::none;
}

void CanBusHealth::look(const CanReport& report, const CanCounters& counters, Now now, BatchDesk& desk) {
  deaf_ = !report.hears();
  tell_lost_frames(counters, now, desk);
  const Fault worst = fault_of(report.worst);
  if (worst > told_) return worsen(worst, report, counters, now, desk);
  if (worst == told_) {
    calm_since_ = never;
    better_ = Fault::none;
    // Another reason than the one that was told, such as an adapter pulled out of a bus that was down.
    if (report.condition == CanCondition::port_lost && report.message != last_message_) {
      last_message_ = report.message;
      log::error("bus_lost", {{"bus", bus_}, {"fault", report.message}});
    }
  }
  const Fault now_is = fault_of(report.condition);
  if (now_is >= told_) return;
  if (calm_since_ == never) calm_since_ = now.steady;
  better_ = std::max(better_, worst == told_ ? now_is : worst);
  if (now.steady - calm_since_ >= calm_time) improve(better_, now, desk);
}

SteadyTime CanBusHealth::next_due() const { return calm_since_ == never ? never : calm_since_ + calm_time; }

void CanBusHealth::worsen(Fault to, const CanReport& report, const CanCounters& counters, Now now,
                          BatchDesk& desk) {
  told_ = to;
  calm_since_ = never;
  better_ = Fault::none;
  last_message_ = report.message;
  if (to == Fault::impaired) {
    log::warn("can_error_passive", {{"bus", bus_}, {"errors", errors_text(counters)}});
    return desk.tell(
        EventKind::bus_fault, now.wall,
        bus_ + ": error passive (" + errors_text(counters) + "); check cable, termination and bit rate");
  }
  // It may be back already: then the report has no message any more.
  const std::string what =
      report.message.empty() ? "the controller was off the bus and is back" : report.message;
  log::error("bus_lost", {{"bus", bus_}, {"fault", what}});
  desk.tell(EventKind::bus_fault, now.wall, bus_ + ": " + what);
}

void CanBusHealth::improve(Fault to, Now now, BatchDesk& desk) {
  const bool was_lost = told_ == Fault::lost;
  told_ = to;
  calm_since_ = never;
  better_ = Fault::none;
  if (was_lost) {
    log::info("bus_back", {{"bus", bus_}});
  } else {
    log::info("can_error_active", {{"bus", bus_}});
  }
  desk.tell(EventKind::bus_restored, now.wall,
            bus_ + (to == Fault::none ? ": the bus works again" : ": is heard again, and is error passive"));
}

// By the kernel because nobody read in time, or by the controller because the kernel did not.
void CanBusHealth::tell_lost_frames(const CanCounters& counters, Now now, BatchDesk& desk) {
  const std::uint64_t lost = counters.dropped + counters.of(CanErrorKind::rx_overflow);
  if (lost <= lost_frames_told_ || now.steady < next_lost_frames_) return;
  const std::uint64_t news = lost - lost_frames_told_;
  lost_frames_told_ = lost;
  next_lost_frames_ = now.steady + lost_frames_every;
  log::warn("can_frames_lost", {{"bus", bus_}, {"frames", news}});
  desk.tell(EventKind::input_lost, now.wall, bus_ + ": frames came faster than they were taken", news);
}

}  // namespace davy
