#include "drivers/can/can_watch.hpp"

#include <algorithm>
#include <cmath>

#include "proto/base/assert.hpp"

namespace davy {

Result<WantedSignal> want(const Dbc& dbc, std::string_view message, std::string_view signal,
                          std::optional<Duration> period, unsigned periods) {
  const DbcMessage* found = dbc.find(message);
  if (found == nullptr) {
    return fail(Errc::bad_config, "there is no message " + std::string{message} +
                                      " in the DBC file; take one of its messages (BO_)");
  }
  const auto place = found->find(signal);
  if (!place) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(found->signals.size(), 16); ++i) {
      names += (names.empty() ? "" : ", ") + found->signals[i].name;
    }
    return fail(Errc::bad_config, "there is no signal " + std::string{signal} + " in message " +
                                      std::string{message} + "; it has " + (names.empty() ? "none" : names));
  }
  if (!period) period = found->cycle;
  if (!period || *period <= Duration{0}) {
    return fail(Errc::bad_config, "nothing says how often message " + std::string{message} +
                                      " is sent, so its silence would not be noticed; give its period");
  }
  return WantedSignal{.message = found,
                      .signal = *place,
                      .filter = {.id = found->id},
                      .silence_max = *period * std::max(periods, 1U)};
}

CanWatch::CanWatch(std::span<const WantedSignal> wanted, SteadyTime now) {
  for (const WantedSignal& one : wanted) {
    DAVY_ASSERT(one.message != nullptr && one.silence_max > Duration{0});
    slots_.push_back({.began = now, .silence_max = one.silence_max});
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto same = [&](const WantedSignal& other) {
      return other.message == wanted[i].message && other.filter == wanted[i].filter;
    };
    if (std::ranges::none_of(wanted.first(i), same)) {
      add_source(*wanted[i].message, wanted[i].filter, wanted);
    }
  }
}

void CanWatch::add_source(const DbcMessage& message, const CanFilter& filter,
                          std::span<const WantedSignal> wanted) {
  std::vector<std::size_t> signals;
  std::vector<std::size_t> slots;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].message != &message || wanted[i].filter != filter) continue;
    signals.push_back(wanted[i].signal);
    slots.push_back(i);
  }
  const std::uint32_t all = filter.id.extended ? extended_id_max : standard_id_max;
  if ((filter.mask & all) == all) {
    by_id_.emplace(key_of(filter.id), sources_.size());
  } else {
    by_mask_.push_back(sources_.size());
  }
  sources_.push_back({filter, MessageDecoder{message, signals}, slots, {}});
  sources_.back().values.resize(signals.size());
}

std::vector<CanFilter> CanWatch::filters() const {
  std::vector<CanFilter> filters;
  filters.reserve(sources_.size());
  for (const Source& source : sources_) filters.push_back(source.filter);
  return filters;
}

// What was lost before the frames came is lost first; what is lost now is lost whatever came before.
void CanWatch::take(const CanReport& report, std::span<const CanArrival> arrivals) {
  brought_.clear();
  if (report.worst >= CanCondition::bus_off && report.hears()) lose_all();
  for (const CanArrival& arrival : arrivals) take(arrival);
  if (!report.hears()) lose_all();
}

void CanWatch::take(const CanArrival& arrival) {
  if (arrival.frame.remote) return;  // somebody asks; that is no value
  const auto [begin, end] = by_id_.equal_range(key_of(arrival.frame.id));
  for (auto source = begin; source != end; ++source) take(sources_[source->second], arrival);
  for (const std::size_t source : by_mask_) {
    if (sources_[source].filter.passes(arrival.frame.id)) take(sources_[source], arrival);
  }
}

void CanWatch::take(Source& source, const CanArrival& arrival) {
  source.decoder.decode(arrival.frame.bytes(), source.values);
  for (std::size_t i = 0; i < source.values.size(); ++i) {
    if (!source.values[i].present) continue;
    Slot& slot = slots_[source.slots[i]];
    slot.value = source.values[i];
    slot.arrived = arrival.arrived;
    slot.heard = true;
    brought_.push_back(source.slots[i]);
  }
}

void CanWatch::lose_all() {
  for (Slot& slot : slots_) {
    slot.heard = false;
    slot.missing = true;
  }
}

CanReading CanWatch::reading(std::size_t signal, SteadyTime now) const {
  const Slot& slot = slots_.at(signal);
  if (!slot.heard) {
    const bool awaited = !slot.missing && now - slot.began <= slot.silence_max;
    return {.validity = awaited ? Validity::not_read : Validity::bad_comm};
  }
  if (now - slot.arrived.steady > slot.silence_max) return {.validity = Validity::bad_comm};
  // Only the sensor itself can have sent a floating-point number that is none.
  if (!std::isfinite(slot.value.value))
    return {.validity = Validity::sensor_fault, .arrived = slot.arrived.wall};
  return {slot.value.value, slot.value.raw, Validity::good, slot.arrived.wall};
}

SteadyTime CanWatch::next_due(SteadyTime now) const {
  SteadyTime due = never;
  for (const Slot& slot : slots_) {
    if (!slot.heard && slot.missing) continue;
    const SteadyTime silent =
        (slot.heard ? slot.arrived.steady : slot.began) + slot.silence_max + Duration{1};
    if (silent > now) due = std::min(due, silent);
  }
  return due;
}

}  // namespace davy
