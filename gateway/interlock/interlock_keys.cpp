#include <algorithm>

#include "gateway/interlock/interlock.hpp"
#include "gateway/interlock/lock_words.hpp"
#include "proto/wire/text_rules.hpp"

// The keys of the fan locks.
namespace davy {
namespace {

constexpr std::size_t user_size_max = 64;
constexpr std::size_t reason_size_max = 200;

std::string who(const KeyUse& use) {
  return "by " + clean_text(use.user, user_size_max) +
         ", because: " + clean_text(use.reason, reason_size_max);
}

}  // namespace

Result<std::size_t> Interlock::find_key(const KeyUse& use) const {
  const auto at = std::ranges::find(settings_.locks, use.lock, &LockSettings::name);
  if (at == settings_.locks.end()) {
    std::string fans;
    for (const LockSettings& lock : settings_.locks) {
      if (lock.row == LockRow::fan_start) fans += (fans.empty() ? "; it has " : ", ") + lock.name;
    }
    return fail(Errc::not_found, "there is no lock \"" + clean_text(use.lock, 64) + "\" on this gateway" +
                                     (fans.empty() ? "" : fans));
  }
  if (at->row != LockRow::fan_start) {
    return fail(Errc::denied, at->name + " cuts power; only locks of row f have a key");
  }
  const auto given = [](const std::string& text, std::size_t size_max) {
    return !text.empty() && is_text(text, size_max) && text.find_first_not_of(' ') != std::string::npos;
  };
  if (!given(use.user, user_size_max) || !given(use.reason, reason_size_max)) {
    return fail(Errc::bad_data, "a key needs the name of a person (64 bytes) and a reason (200 bytes)");
  }
  return static_cast<std::size_t>(at - settings_.locks.begin());
}

Status Interlock::use_key(const KeyUse& use, Now now) {
  const auto refuse = [&](Error error) -> Status {
    waiting_.push_back({.kind = EventKind::key_refused,
                        .at = now.wall,
                        .text = "key of " + clean_text(use.lock, 64) + " refused: " + error.message +
                                "; asked " + who(use)});
    out_.next_due = SteadyTime{};
    return fail(std::move(error));
  };
  const auto found = find_key(use);
  if (!found) return refuse(found.error());
  Lock& lock = locks_[*found];
  const LockSettings& settings = settings_.locks[*found];
  if (first_) return refuse({Errc::unavailable, "the gateway has only just started; nothing is known yet"});
  if (!lock.memory.tripped && !lock.key_until) {
    return refuse({Errc::conflict, settings.name + " is not locked; no key is needed"});
  }
  if (auto why = area_not_dead(settings.area, now.steady)) return refuse({Errc::unavailable, *why});
  if (!lock.key_until) lock.key_occurrence = ++occurrences_;
  lock.key_until = now.steady + settings_.key_valid;
  lock.key_user = use.user;
  lock.key_given_back.clear();
  waiting_.push_back({.kind = EventKind::key_used,
                      .at = now.wall,
                      .first = lock.key_occurrence,
                      .text = "row f open by key for " +
                              std::to_string(settings_.key_valid.count() / 60'000) + " min " + who(use) +
                              title_words(settings)});
  if (lock.memory.tripped) {
    waiting_.push_back({.kind = EventKind::lock_released,
                        .at = now.wall,
                        .first = lock.occurrence,
                        .text = "row f released by key of " + use.user + title_words(settings)});
  }
  lock.memory.tripped = false;
  lock.before = false;
  out_.next_due = SteadyTime{};
  return {};
}

Status Interlock::end_key(const KeyUse& use, Now now) {
  const auto found = find_key(use);
  if (!found) return fail(found.error());
  if (!locks_[*found].key_until) return fail(Errc::conflict, use.lock + " is not open by key");
  locks_[*found].key_given_back = "given back " + who(use);
  locks_[*found].key_until = now.steady;  // over with the next step
  out_.next_due = SteadyTime{};
  return {};
}

// A key is over when the gas is gone, when its time is, or when there may be power again where the fan would
// blow the gas. An unknown feed, which would have refused it, does not end it: one bad poll is no
// electricity.
std::string Interlock::key_over(std::size_t l, SteadyTime now) const {
  const LockSettings& settings = settings_.locks[l];
  const Lock& lock = locks_[l];
  if (lock.verdict.may_release && now >= lock.memory.settle_until) return "the gas is gone";
  if (!lock.key_given_back.empty()) return lock.key_given_back;
  if (now >= *lock.key_until) return "its time is over";
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const OutputSettings& output = settings_.outputs[i];
    if (output.area != settings.area || output.kind != OutputKind::cutter) continue;
    const bool fed =
        std::ranges::any_of(outputs_[i].feeds, [](const Feed& feed) { return feed.now == FeedNow::fed; });
    if (!outputs_[i].memory.acting || fed) return output.name + " may have power behind it again";
  }
  return {};
}

bool Interlock::watch_keys(Now now) {
  bool ended = false;
  for (std::size_t l = 0; l < locks_.size(); ++l) {
    if (!locks_[l].key_until) continue;
    const std::string why = key_over(l, now.steady);
    if (why.empty()) continue;
    close_key(l, why, now);
    ended = true;
  }
  return ended;
}

// The lock is as if there had never been a key, when it is sure that it would be locked then. What is not
// known locks no fan.
void Interlock::close_key(std::size_t l, const std::string& why, Now now) {
  Lock& lock = locks_[l];
  lock.key_until.reset();
  tell(EventKind::key_ended, lock.key_occurrence,
       "key of " + lock.key_user + " ended: " + why + title_words(settings_.locks[l]), now);
  const LockSettings& settings = settings_.locks[l];
  const auto still = gas_behind_key({settings.inputs, lock.judged});
  if (!still) return;
  lock.verdict.cause = still;
  lock.memory.tripped = true;
  lock.before = true;
  tell_trip(l, now);
}

std::optional<std::string> Interlock::area_not_dead(std::uint32_t area, SteadyTime now) const {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const OutputSettings& settings = settings_.outputs[i];
    if (settings.area != area || settings.kind != OutputKind::cutter) continue;
    const Output& output = outputs_[i];
    if (!output.memory.acting)
      return settings.name + " does not cut: the fan would blow gas over live equipment";
    if (!output.memory.agrees()) return settings.name + " is told to cut and does not read back as cut";
    for (std::size_t f = 0; f < output.feeds.size(); ++f) {
      const FeedNow feed = now >= output.feeds[f].stale_at ? FeedNow::unknown : output.feeds[f].now;
      if (feed == FeedNow::dead) continue;
      return points_[settings.feeds[f].point].name +
             " must say that there is no power, and says: " + feed_words(feed);
    }
  }
  return std::nullopt;
}

}  // namespace davy
