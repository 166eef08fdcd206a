#include "gateway/interlock/interlock.hpp"

#include <algorithm>
#include <utility>

#include "gateway/interlock/lock_words.hpp"
#include "proto/base/assert.hpp"

namespace davy {

Interlock::Interlock(const InterlockSettings& settings, std::span<const Point> points,
                     std::span<const std::string> locked_fans, Now now)
    : settings_{settings}, points_{points}, remembered_{locked_fans.begin(), locked_fans.end()} {
  for (const LockSettings& lock : settings.locks) {
    const bool remembered =
        lock.row == LockRow::fan_start && std::ranges::find(locked_fans, lock.name) != locked_fans.end();
    Lock& made = locks_.emplace_back();
    made.memory = {.tripped = starts_tripped(lock.row) || remembered,
                   .settle_until = now.steady + settings.settle};
    made.at_start = made.memory.tripped;
    made.judged.resize(lock.inputs.size());
  }
  for (const OutputSettings& output : settings.outputs) {
    outputs_.emplace_back().feeds.resize(output.feeds.size());
  }
  out_.outputs.resize(settings.outputs.size());
}

const InterlockStep& Interlock::step(std::span<const InputReading> inputs,
                                     std::span<const OutputReport> reports, Now now) {
  DAVY_ASSERT(inputs.size() == points_.size() && reports.size() == outputs_.size());
  inputs_ = inputs;
  reports_ = reports;
  out_.events.clear();
  std::swap(out_.events, waiting_);
  judge_inputs(now);
  watch_outputs(now);
  judge_locks(now);
  judge_feeds(now);
  command_outputs(now);
  if (watch_keys(now)) command_outputs(now);
  watch_feeds(now);
  watch_flows(now);
  auto fans = locked_fans();
  out_.memory_changed = fans != remembered_;
  remembered_ = std::move(fans);
  out_.next_due = next_due();
  first_ = false;
  return out_;
}

void Interlock::judge_inputs(Now now) {
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    const auto& settings = settings_.locks[l];
    for (std::size_t i = 0; i < settings.inputs.size(); ++i) {
      const LockInput& input = settings.inputs[i];
      locks_[l].judged[i] =
          judge_input(input, points_[input.point].stale_after, inputs_[input.point], now.steady);
    }
  }
}

// Against the commands of the step before: a new one could not be carried out yet.
void Interlock::watch_outputs(Now now) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const OutputSettings& settings = settings_.outputs[i];
    OutputMemory& memory = outputs_[i].memory;
    if (first_) continue;  // there was none
    const bool before = memory.faulty;
    memory = watch_output(settings, memory, reports_[i], now.steady);
    if (before != memory.faulty) tell_output(i, now);
  }
}

// Row g last: it takes what the other rows found about their devices.
void Interlock::judge_locks(Now now) {
  for (const bool device_rows : {false, true}) {
    for (std::size_t l = 0; l < locks_.size(); ++l) {
      const LockSettings& settings = settings_.locks[l];
      if ((settings.row == LockRow::device_fault) != device_rows) continue;
      Lock& lock = locks_[l];
      const bool fault = device_rows && area_faulty(settings.area);
      lock.verdict = judge_row(settings.row, {settings.inputs, lock.judged, fault});
      RowVerdict verdict = lock.verdict;
      if (lock.key_until) verdict.trip = false;  // that is what the key is for
      lock.memory = next_memory(lock.memory, verdict, settings_.settle, now.steady);
      if (lock.memory.tripped && !lock.before) tell_trip(l, now);
      if (!lock.memory.tripped && lock.before) tell_release(l, now);
      lock.before = lock.memory.tripped;
    }
  }
}

bool Interlock::area_faulty(std::uint32_t area) const {
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    const LockSettings& settings = settings_.locks[l];
    if (settings.area == area && settings.row != LockRow::device_fault && locks_[l].verdict.fault)
      return true;
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    if (settings_.outputs[i].area == area && outputs_[i].memory.faulty) return true;
  }
  return false;
}

void Interlock::command_outputs(Now now) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    bool acting = false;
    for (std::size_t l = 0; l < locks_.size(); ++l) {
      const auto& acts_on = settings_.locks[l].outputs;
      const bool named = std::ranges::find(acts_on, static_cast<std::uint32_t>(i)) != acts_on.end();
      acting = acting || (named && locks_[l].memory.tripped);
    }
    outputs_[i].memory = command(outputs_[i].memory, acting, first_, now.steady);
    out_.outputs[i] = {acting, settings_.outputs[i].level(acting)};
  }
}

void Interlock::judge_feeds(Now now) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const auto& feeds = settings_.outputs[i].feeds;
    for (std::size_t f = 0; f < feeds.size(); ++f) {
      const InputReading& reading = inputs_[feeds[f].point];
      const Duration stale_after = points_[feeds[f].point].stale_after;
      outputs_[i].feeds[f].now = judge_feed(feeds[f], stale_after, reading, now.steady);
      outputs_[i].feeds[f].stale_at = reading.at + stale_after + Duration{1};
    }
  }
}

void Interlock::watch_feeds(Now now) {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const OutputSettings& settings = settings_.outputs[i];
    const bool acting = outputs_[i].memory.acting;
    for (std::size_t f = 0; f < settings.feeds.size(); ++f) {
      const Point& point = points_[settings.feeds[f].point];
      const InputReading& reading = inputs_[settings.feeds[f].point];
      Feed& feed = outputs_[i].feeds[f];
      const FeedMemory before = feed.memory;
      feed.memory = watch_feed(before, acting, feed.now, settings.feed_within, now.steady);
      const bool abnormal = before.abnormal != feed.memory.abnormal;
      const bool outage = before.outage != feed.memory.outage;
      if (!abnormal && !outage) continue;
      const std::string text = settings.name +
                               (acting ? " is told to cut, and " : " is not told to cut, and ") + point.name +
                               " says: " + feed_words(feed.now) + " (" + plain_number(reading.value) + ", " +
                               quality_words(reading.quality) + ")" + title_words(settings);
      if (abnormal)
        tell_change(feed.memory.abnormal, feed.abnormal_occurrence, EventKind::feed_abnormal,
                    EventKind::feed_abnormal_ended, text, now);
      if (outage)
        tell_change(feed.memory.outage, feed.outage_occurrence, EventKind::feed_lost,
                    EventKind::feed_lost_ended, text, now);
    }
  }
}

void Interlock::watch_flows(Now now) {
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    const LockSettings& settings = settings_.locks[l];
    if (settings.row != LockRow::wind) continue;
    Lock& lock = locks_[l];
    const bool before = lock.flow.contradiction;
    lock.flow = watch_flow(lock.flow, settings.inputs, lock.judged, settings.flow_within, now.steady);
    if (before == lock.flow.contradiction) continue;
    std::string text = before ? "fan and duct agree again:" : "the fan says it runs and the duct has no air:";
    for (std::size_t i = 0; i < settings.inputs.size(); ++i) {
      const LockInput& input = settings.inputs[i];
      text += (i == 0 ? " " : "; ") +
              input_words(input, lock.judged[i], inputs_[input.point], points_[input.point], now.steady);
    }
    tell_change(lock.flow.contradiction, lock.flow_occurrence, EventKind::flow_contradiction,
                EventKind::flow_contradiction_ended, text + title_words(settings), now);
  }
}

// Whatever may change by time alone.
SteadyTime Interlock::next_due() const {
  SteadyTime due = waiting_.empty() ? never : SteadyTime{};
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    const Lock& lock = locks_[l];
    if (lock.memory.tripped && lock.verdict.may_release) due = std::min(due, lock.memory.settle_until);
    if (lock.key_until) due = std::min(due, *lock.key_until);
    for (const JudgedInput& input : lock.judged) due = std::min(due, input.stale_at);
    if (lock.flow.since && !lock.flow.contradiction)
      due = std::min(due, *lock.flow.since + settings_.locks[l].flow_within);
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const OutputSettings& settings = settings_.outputs[i];
    due = std::min(due, output_due(settings, outputs_[i].memory));
    for (const Feed& feed : outputs_[i].feeds) {
      due = std::min(due, feed_due(feed.memory, feed.now, settings.feed_within));
      if (feed.now != FeedNow::unknown) due = std::min(due, feed.stale_at);
    }
  }
  return due;
}

std::vector<std::string> Interlock::locked_fans() const {
  std::vector<std::string> out;
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    if (settings_.locks[l].row != LockRow::fan_start) continue;
    if (locks_[l].memory.tripped || locks_[l].key_until) out.push_back(settings_.locks[l].name);
  }
  return out;
}

std::optional<bool> Interlock::exit_level(std::size_t output) const {
  const OutputSettings& settings = settings_.outputs[output];
  switch (settings.on_exit) {
    case ExitState::act: return settings.level(true);
    case ExitState::rest: return settings.level(false);
    case ExitState::keep: break;
  }
  return std::nullopt;
}

}  // namespace davy
