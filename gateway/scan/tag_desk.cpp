#include "gateway/scan/tag_desk.hpp"

#include <utility>

#include "proto/base/log.hpp"

namespace davy {
namespace {

// A reader that loses all the time is logged, not with every round.
constexpr Duration complaint_wait{60'000};

std::optional<SightingFilter> make_filter(const DeviceSettings& device) {
  if (!device.debounce) return std::nullopt;
  return SightingFilter{{.repeat_within = device.debounce->repeat_within,
                         .move_min_cm = device.debounce->move_min_cm,
                         .keep_alive = device.debounce->keep_alive}};
}

}  // namespace

TagDesk::TagDesk(const BusSettings& bus, const DeviceSettings& device)
    : bus_{bus}, device_{device}, filter_{make_filter(device)} {}

void TagDesk::take(TagReport& report, Now now, BatchDesk& desk) {
  if (report.empty()) return;
  const TagReport told = std::exchange(report, {});
  for (const Sighting& sighting : told.sightings) {
    if (filter_ && !filter_->passes(sighting, now.steady)) {
      counters_.merged += 1;
      continue;
    }
    counters_.sightings += 1;
    desk.add(sighting);
  }
  counters_.repeated += told.repeated;
  counters_.lost += told.lost;
  counters_.unreadable += told.unreadable;
  tell_loss(told, now, desk);
  complain(told, now.steady);
}

void TagDesk::tell_loss(const TagReport& report, Now now, BatchDesk& desk) {
  const std::string name = bus_.name + "/" + device_.name + ": ";
  if (report.lost > 0) {
    const std::string why =
        report.message.empty() ? "the reader had more sightings than it holds" : report.message;
    desk.tell(EventKind::input_lost, now.wall, name + why, report.lost);
  }
  if (!report.restarted) return;
  counters_.restarts += 1;
  log::warn("tag_reader_restarted", {{"bus", bus_.name}, {"device", device_.name}});
  desk.tell(EventKind::input_lost, now.wall,
            name + "the reader counts anew, as after a loss of power; what it had not told yet is lost");
}

void TagDesk::complain(const TagReport& report, SteadyTime now) {
  if (report.lost + report.unreadable == 0 && report.message.empty()) return;
  if (next_complaint_ && now < *next_complaint_) return;
  next_complaint_ = now + complaint_wait;
  log::warn("tag_reader_fault", {{"bus", bus_.name},
                                 {"device", device_.name},
                                 {"lost", counters_.lost - complained_.lost},
                                 {"unreadable", counters_.unreadable - complained_.unreadable},
                                 {"fault", report.message}});
  complained_ = counters_;
}

void TagDesk::log_counters() const {
  log::info("tag_counters", {{"bus", bus_.name},
                             {"device", device_.name},
                             {"sightings", counters_.sightings},
                             {"merged", counters_.merged},
                             {"repeated", counters_.repeated},
                             {"lost", counters_.lost},
                             {"unreadable", counters_.unreadable},
                             {"restarts", counters_.restarts}});
}

}  // namespace davy
