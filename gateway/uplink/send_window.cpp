#include "gateway/uplink/send_window.hpp"

#include <algorithm>
#include <cmath>

namespace davy {
namespace {

// A word of the host after so long a pause means that it was away or restarted: what was sent meanwhile is
// lost.
constexpr Duration host_pause{5'000};

}  // namespace

void SendWindow::restart(std::uint64_t oldest, std::uint64_t next, SteadyTime now) {
  flights_.clear();
  again_.clear();
  stubborn_.clear();
  acked_ = {};
  probing_ = false;
  last_word_ = now;
  tokens_ = 1;
  tokens_at_ = now;
  next_ = live_ = backlog_end_ = next;
  backlog_ = oldest == 0 ? next : oldest;
  first_.reset();
  if (oldest != 0) first_ = next - 1;
}

bool SendWindow::waits(std::uint64_t seq) const {
  return flights_.contains(seq) || again_.contains(seq) || stubborn_.contains(seq);
}

void SendWindow::look_for_silence(SteadyTime now) {
  if (probing_ || flights_.empty()) return;
  SteadyTime oldest = never;
  for (const auto& [seq, flight] : flights_) oldest = std::min(oldest, flight.again_at);
  if (now < oldest || now - last_word_ < settings_.ack_wait) return;
  probing_ = true;
  probe_wait_ = settings_.ack_wait;
  probe_at_ = now;
}

void SendWindow::expire(SteadyTime now) {
  for (auto at = flights_.begin(); at != flights_.end();) {
    const auto [seq, flight] = *at;
    if (flight.again_at > now) {
      ++at;
      continue;
    }
    at = flights_.erase(at);
    if (flight.times >= stubborn_after) {
      stubborn_[seq] = now + stubborn_wait;
    } else {
      again_[seq] = flight.times;
    }
  }
  for (auto at = stubborn_.begin(); at != stubborn_.end();) {
    if (at->second > now) {
      ++at;
      continue;
    }
    again_[at->first] = stubborn_after - 1;  // one try, then aside again
    at = stubborn_.erase(at);
  }
}

void SendWindow::refill(SteadyTime now) {
  const double per_s = settings_.backlog_per_s;
  const double gained = per_s * static_cast<double>((now - tokens_at_).count()) / 1000.0;
  tokens_ = std::min(tokens_ + gained, std::max(1.0, per_s / 10));
  tokens_at_ = now;
}

std::optional<std::uint64_t> SendWindow::take(SteadyTime now) {
  look_for_silence(now);
  if (probing_) {
    if (now < probe_at_) return std::nullopt;
    // The newest may be with the host already while an older one is not.
    return acked_.contains(next_ - 1) ? flights_.rbegin()->first : next_ - 1;
  }
  expire(now);
  refill(now);
  while (first_ && acked_.contains(*first_)) first_.reset();
  if (first_) return first_;
  while (live_ < next_ && (waits(live_) || acked_.contains(live_))) ++live_;
  if (flights_.size() >= settings_.blocks_max) return std::nullopt;
  if (live_ < next_) return live_;
  if (!again_.empty()) return again_.begin()->first;
  while (backlog_ < backlog_end_ && (waits(backlog_) || acked_.contains(backlog_))) ++backlog_;
  if (backlog_ >= backlog_end_ || tokens_ < 1) return std::nullopt;
  if (flights_.size() + live_reserve() > settings_.blocks_max) return std::nullopt;
  return backlog_;
}

void SendWindow::sent(std::uint64_t seq, SteadyTime now) {
  if (probing_) {
    probe_at_ = now + probe_wait_;
    probe_wait_ = std::min(2 * probe_wait_, probe_wait_max);
    ++resent_;
    return;
  }
  int times = 0;
  const auto before = again_.find(seq);
  if (before != again_.end()) {
    times = before->second;
    again_.erase(before);
    ++resent_;
  } else if (seq < backlog_end_ && seq != first_) {
    tokens_ -= 1;
  }
  if (first_ == seq) first_.reset();
  flights_[seq] = {now + settings_.ack_wait, times + 1};
}

void SendWindow::gone(std::uint64_t seq) {
  acked_.add(seq);
  flights_.erase(seq);
  again_.erase(seq);
  stubborn_.erase(seq);
  if (first_ == seq) first_.reset();
  // Nothing is under way any more: there is nothing to be silent about.
  if (flights_.empty()) probing_ = false;
}

void SendWindow::on_ack(const std::vector<Range>& ranges, SteadyTime now) {
  for (const Range& range : ranges) {
    acked_.add(range);
    const auto drop = [&range](auto& lane) {
      lane.erase(lane.lower_bound(range.first), lane.upper_bound(range.last));
    };
    drop(flights_);
    drop(again_);
    drop(stubborn_);
  }
  const bool was_away = probing_ || now - last_word_ >= host_pause;
  last_word_ = now;
  probing_ = false;
  if (was_away && !flights_.empty()) send_again(now);
}

void SendWindow::send_again(SteadyTime now) {
  last_word_ = now;
  probing_ = false;
  if (!flights_.empty()) backlog_ = std::min(backlog_, flights_.begin()->first);
  if (!again_.empty()) backlog_ = std::min(backlog_, again_.begin()->first);
  flights_.clear();
  again_.clear();
  live_ = backlog_end_ = next_;
  if (next_ > 1 && !acked_.contains(next_ - 1)) first_ = next_ - 1;
}

SteadyTime SendWindow::next_due(SteadyTime now) const {
  if (probing_) return probe_at_;
  SteadyTime due = never;
  for (const auto& [seq, flight] : flights_) due = std::min(due, flight.again_at);
  for (const auto& [seq, at] : stubborn_) due = std::min(due, at);
  if (first_) return now;
  const bool room = flights_.size() < settings_.blocks_max;
  if (room && (!again_.empty() || live_ < next_)) return now;
  if (backlog_ < backlog_end_ && flights_.size() + live_reserve() <= settings_.blocks_max) {
    const double missing = std::max(0.0, 1 - tokens_) * 1000.0 / settings_.backlog_per_s;
    due = std::min(due, std::max(now, tokens_at_ + Duration{static_cast<std::int64_t>(std::ceil(missing))}));
  }
  return due;
}

}  // namespace davy
