#include "gateway/scan/line_scanner.hpp"

#include <algorithm>

#include <poll.h>

#include "proto/base/assert.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// What comes in this time goes on together.
constexpr Duration gather{100};

LineSocketSettings socket_settings(const BusSettings& bus, const TagLinesProfile& profile) {
  const auto& lines = std::get<LineSettings>(bus.endpoint);
  return {.host = lines.host, .port = lines.port, .silent_after = profile.silent_after};
}

std::string seconds(Duration d) { return std::to_string(d.count() / 1000) + " s"; }

}  // namespace

LineScanner::LineScanner(const BusSettings& settings, const TagLinesProfile& profile, BatchDesk desk,
                         SocketWatch& watch, SteadyTime start)
    : settings_{settings},
      device_{settings.devices.front()},
      desk_{std::move(desk)},
      watch_{watch},
      reader_{profile, socket_settings(settings, profile), device_.name},
      speaks_when_idle_{profile.silent_after > Duration{0}},
      tags_{settings, device_},
      next_batch_{start},
      pulse_{start, device_.period},
      silent_since_{start} {
  DAVY_ASSERT(settings.devices.size() == 1);
}

LineScanner::~LineScanner() {
  if (reader_.descriptor() >= 0) watch_.forget(reader_.descriptor());
}

SteadyTime LineScanner::step(Now now) {
  receive(now);
  look_at_connection(now);
  if (!report_.empty() && (now.steady >= next_batch_ || is_pressing())) {
    tags_.take(report_, now, desk_);
    next_batch_ = now.steady + gather;
  }
  if (pulse_.is_due(now.steady)) {
    pulse_.take(now.steady);
    desk_.hand_over_in_any_case(now, bus_counts());
  } else {
    desk_.hand_over(now, bus_counts());
  }
  const SteadyTime batch_due = report_.empty() ? never : next_batch_;
  return std::min({reader_.next_due(), batch_due, pulse_.due()});
}

// Any step may close the socket or open another.
void LineScanner::receive(Now now) {
  if (reader_.descriptor() >= 0) watch_.forget(reader_.descriptor());
  reader_.step(now, report_);
  if (reader_.descriptor() >= 0) watch_.watch(reader_.descriptor(), (reader_.wanted_events() & POLLOUT) != 0);
}

void LineScanner::look_at_connection(Now now) {
  const LineSocket& socket = reader_.socket();
  const std::string name = settings_.name + "/" + device_.name + ": ";
  if (socket.failures() != failures_seen_) {
    failures_seen_ = socket.failures();
    if (fault_told_) return;
    fault_told_ = true;
    silent_since_ = now.steady;
    log::warn("device_dead",
              {{"bus", settings_.name}, {"device", device_.name}, {"fault", socket.message()}});
    return desk_.tell(EventKind::bus_fault, now.wall, name + socket.message());
  }
  if (!fault_told_ || !reader_.connected() || (speaks_when_idle_ && !socket.has_received())) return;
  fault_told_ = false;
  const Duration silent = now.steady - silent_since_;
  log::info("device_back",
            {{"bus", settings_.name}, {"device", device_.name}, {"silent_ms", silent.count()}});
  desk_.tell(EventKind::bus_restored, now.wall, name + "is connected again after " + seconds(silent));
}

bool LineScanner::is_pressing() const { return std::ranges::any_of(report_.sightings, &Sighting::sos); }

BusCounts LineScanner::bus_counts() const {
  return {.failed_requests = failures_seen_ + tags_.counters().unreadable, .missed_rounds = 0};
}

void LineScanner::log_counters() const {
  const TagLineParser& parser = reader_.parser();
  log::info("line_counters", {{"bus", settings_.name},
                              {"device", device_.name},
                              {"connections", reader_.socket().connections()},
                              {"failures", reader_.socket().failures()},
                              {"too_long", parser.count(LineProblem::too_long)},
                              {"not_text", parser.count(LineProblem::not_text)},
                              {"not_a_sighting", parser.count(LineProblem::not_a_sighting)},
                              {"no_tag", parser.count(LineProblem::no_tag)},
                              {"bad_tag", parser.count(LineProblem::bad_tag)},
                              {"bad_number", parser.count(LineProblem::bad_number)},
                              {"bad_field", parser.count(LineProblem::bad_field)}});
  tags_.log_counters();
}

}  // namespace davy
