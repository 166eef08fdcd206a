#include "firmware/app/lock_thread.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

#include "gateway/interlock/lock_memory_file.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

// Events that wait for a full inbox. There is one for each change, so this many mean something is badly
// wrong.
constexpr std::size_t waiting_events_max = 256;

std::vector<std::string> remembered_fans(const std::string& file) {
  auto names = load_locked_fans(file);
  if (names) return std::move(*names);
  log::error("lock_memory_unreadable", {{"path", file}, {"error", names.error().message}});
  return {};
}

}  // namespace

LockThread::LockThread(const GatewayConfig& config, LockBoard& board, KeyDesk& keys, OutputGroup pins,
                       BatchInbox& inbox, const Clock& clock, std::function<void()> wake_buses)
    : config_{config},
      board_{board},
      keys_{keys},
      pins_{std::move(pins)},
      inbox_{inbox},
      clock_{clock},
      wake_buses_{std::move(wake_buses)},
      alive_at_{clock.steady().time_since_epoch().count()},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void LockThread::stop() {
  thread_.request_stop();
  thread_.join();
}

void LockThread::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "locks");
  const InterlockSettings& settings = *config_.interlock;
  Interlock locks{settings, config_.points, remembered_fans(settings.memory), read(clock_)};
  while (!stop.stop_requested()) {
    judge(locks, read(clock_));
    board_.wait(stop, due_);
  }
  leave(locks);
}

void LockThread::judge(Interlock& locks, Now now) {
  alive_at_ = now.steady.time_since_epoch().count();
  board_.read(inputs_, reports_);
  keys_.serve(locks, now);
  const InterlockStep& step = locks.step(inputs_, reports_, now);
  bool changed = false;
  for (std::size_t i = 0; i < step.outputs.size(); ++i) changed |= board_.command(i, step.outputs[i].on);
  if (changed) wake_buses_();
  board_.judged();
  due_ = std::min({pins_.step(now.steady), step.next_due, now.steady + judge_every});

  tell(step.events, now);
  hand_over();
  save_ |= step.memory_changed;
  if (!save_) return;
  const Status saved = save_locked_fans(config_.interlock->memory, locks.locked_fans());
  save_ = !saved;
  if (!saved) {
    log::error("lock_memory_unwritable",
               {{"path", config_.interlock->memory}, {"error", saved.error().message}});
  }
}

void LockThread::leave(const Interlock& locks) {
  for (std::size_t i = 0; i < config_.interlock->outputs.size(); ++i) {
    if (const std::optional<bool> level = locks.exit_level(i)) board_.command(i, *level);
  }
  wake_buses_();
  pins_.step(clock_.steady());
}

void LockThread::tell(const std::vector<Event>& events, Now now) {
  for (const Event& event : events) {
    log::warn("lock_event",
              {{"kind", static_cast<int>(event.kind)}, {"number", event.first}, {"text", event.text}});
    if (events_.size() < waiting_events_max) {
      events_.push_back(event);
    } else {
      ++lost_events_;
    }
  }
  if (lost_events_ == 0 || events_.size() >= waiting_events_max) return;
  events_.push_back({.kind = EventKind::input_lost,
                     .at = now.wall,
                     .first = std::exchange(lost_events_, 0),
                     .text = "interlock: the gateway was too busy to take its events"});
}

void LockThread::hand_over() {
  if (events_.empty()) return;
  BusBatch batch{.bus = no_bus, .events = events_};
  if (inbox_.push(std::move(batch))) events_.clear();
}

}  // namespace davy
