#include "drivers/can/can_line.hpp"

#include <algorithm>

namespace davy {
namespace {

// Error frames come as fast as frames. So many of them, and reading ends to let others work.
constexpr std::size_t error_frames_per_read_max = 256;

}  // namespace

CanReport CanLine::read(std::span<CanArrival> out, Duration wait_max) {
  worst_ = condition_;
  CanReport report;
  if (!ensure_open()) {
    // For the interface; who calls again finds it open.
    if (socket_->wait(wait_max) == SocketWake::link_changed) ensure_open();
    return finish(report);
  }
  switch (socket_->wait(wait_max)) {
    case SocketWake::nothing: break;
    case SocketWake::link_changed: look_at_link(); [[fallthrough]];
    case SocketWake::readable: receive(out, report); break;
  }
  return finish(report);
}

Status CanLine::send(const CanFrame& frame) {
  if (!ensure_open()) {
    ++counters_.refused;
    return fail(Errc::disconnected, why_lost_);
  }
  const Status sent = socket_->send(frame);
  ++(sent ? counters_.sent : counters_.refused);
  return sent;
}

bool CanLine::ensure_open() {
  if (socket_->is_open()) return true;
  if (const Status opened = socket_->open(); !opened) {
    why_lost_ = opened.error().message;
    return false;
  }
  was_open_ = true;
  dropped_ = 0;
  hardware_ = {};
  condition_ = CanCondition::active;
  look_at_link();
  return socket_->is_open();
}

void CanLine::lose(const std::string& why) {
  socket_->close();
  why_lost_ = why;
  if (was_open_) ++counters_.losses;
  was_open_ = false;
  change(CanCondition::port_lost);
}

// Tells what no error frame does: that the interface is down, and that its controller was off before we came.
void CanLine::look_at_link() {
  switch (socket_->link()) {
    case CanLink::absent:
      return lose("CAN interface " + interface_ + " is gone; is its adapter still plugged in?");
    case CanLink::down:
      return lose("CAN interface " + interface_ + " is down; ip link set " + interface_ + " up");
    case CanLink::stopped: return change(CanCondition::bus_off);
    case CanLink::up:
      if (condition_ == CanCondition::bus_off) change(CanCondition::active);
      return;
  }
}

void CanLine::change(CanCondition to) {
  if (to == condition_) return;
  if (to == CanCondition::bus_off) ++counters_.bus_offs;
  if (condition_ == CanCondition::bus_off && to < CanCondition::bus_off) ++counters_.recoveries;
  condition_ = to;
  worst_ = std::max(worst_, to);
}

void CanLine::receive(std::span<CanArrival> out, CanReport& report) {
  const Now now = davy::read(clock_);
  SocketFrame received;
  for (std::size_t errors = 0; report.frames < out.size() && errors < error_frames_per_read_max;) {
    if (!socket_->is_open()) return;
    switch (socket_->receive(received)) {
      case SocketRead::nothing: return;
      case SocketRead::lost:
        look_at_link();
        if (socket_->is_open()) lose("CAN interface " + interface_ + " was lost and is being opened again");
        return;
      case SocketRead::frame: break;
    }
    count_dropped(received);
    if (received.is_error) {
      ++errors;
      take_error(received);
      continue;
    }
    // Nothing is received off the bus: whoever sent this found our controller back on it.
    if (condition_ == CanCondition::bus_off) change(CanCondition::active);
    ++counters_.received;
    out[report.frames++] = {received.frame, arrival_of(received, now)};
  }
}

void CanLine::take_error(const SocketFrame& received) {
  const CanErrorReport report =
      read_error_frame(received.frame.id.number, std::span{received.frame.data}.first<8>());
  ++counters_.error_frames;
  for (std::size_t i = 0; i < can_error_kinds; ++i) counters_.errors[i] += report.kinds.test(i) ? 1U : 0U;
  if (report.condition) change(*report.condition);
  if (!report.has(CanErrorKind::restarted)) last_errors_ = describe(report);
}

// By the kernel's stamp, and on the steady clock as long ago as the stamp is: a frame that waited while
// nobody read is as old as it is. A stamp ahead of the clock, which somebody may have set meanwhile, counts
// as now.
Now CanLine::arrival_of(const SocketFrame& received, Now now) {
  if (received.stamp_ns == 0) return now;
  const std::int64_t on_wire_ns = received.hardware_ns == 0
                                      ? received.stamp_ns
                                      : hardware_.system_time(received.hardware_ns, received.stamp_ns);
  const WallTime wall = wall_from_ms(on_wire_ns / 1'000'000);
  const Duration age = std::max(Duration{0}, now.wall - wall);
  return {now.steady - age, wall};
}

void CanLine::count_dropped(const SocketFrame& received) {
  if (!received.dropped) return;
  counters_.dropped += *received.dropped - dropped_;  // wraps as the kernel's does
  dropped_ = *received.dropped;
}

CanReport CanLine::finish(CanReport report) {
  report.condition = condition_;
  report.worst = std::max(worst_, condition_);
  if (condition_ == CanCondition::port_lost) report.message = why_lost_;
  if (condition_ == CanCondition::bus_off) {
    report.message = "CAN interface " + interface_ + ": the controller has gone off the bus" +
                     (last_errors_.empty() ? "" : " (" + last_errors_ + ")") +
                     "; check cable, termination and bit rate; ip link set " + interface_ +
                     " type can restart-ms 1000 lets it come back by itself";
  }
  return report;
}

}  // namespace davy
