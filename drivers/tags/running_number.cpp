#include "drivers/tags/running_number.hpp"

#include <algorithm>
#include <chrono>

namespace davy {
namespace {

constexpr std::uint64_t jump_max = 1024;  // over the end of the numbers
constexpr std::size_t remembered_max = 1024;
// Between two looks at the same sighting its time may differ by so much: the reader's rounding and the way
// here. Without an age it is the time of arrival that is compared, and a replay comes soon.
constexpr Duration time_slack{2'000};
constexpr Duration replay_reach{60'000};

}  // namespace

std::optional<std::uint64_t> steps_ahead(std::uint64_t last, std::uint64_t number, std::uint64_t modulus) {
  const std::uint64_t ahead = (number + modulus - last) % modulus;
  const std::uint64_t reach = std::min(jump_max, modulus / 4);
  if (number < last) return ahead <= reach ? std::optional{ahead} : std::nullopt;
  const bool back_over_the_end = ahead != 0 && modulus - ahead <= reach;
  return back_over_the_end ? std::nullopt : std::optional{ahead};
}

void SeenSightings::remember(std::uint64_t number, const Sighting& sighting) {
  ++stamp_;
  by_number_[number] = {sighting, stamp_};
  order_.emplace_back(number, stamp_);
  while (order_.size() > count_max_) {
    const auto oldest = by_number_.find(order_.front().first);
    if (oldest != by_number_.end() && oldest->second.stamp == order_.front().second) by_number_.erase(oldest);
    order_.pop_front();
  }
}

const SeenSightings::Entry* SeenSightings::find(std::uint64_t number, const Sighting& sighting) const {
  const auto at = by_number_.find(number);
  if (at == by_number_.end()) return nullptr;
  Sighting same_time = at->second.sighting;
  same_time.source_time = sighting.source_time;
  return same_time == sighting ? &at->second : nullptr;
}

bool SeenSightings::looks_known(std::uint64_t number, const Sighting& sighting) const {
  return find(number, sighting) != nullptr;
}

bool SeenSightings::knows(std::uint64_t number, const Sighting& sighting) const {
  const Entry* entry = find(number, sighting);
  if (entry == nullptr) return false;
  return std::chrono::abs(sighting.source_time - entry->sighting.source_time) <=
         (aged_ ? time_slack : replay_reach);
}

RunningNumber::RunningNumber(std::uint64_t modulus, bool aged)
    : modulus_{modulus},
      seen_{static_cast<std::size_t>(std::min<std::uint64_t>(modulus, remembered_max)), aged} {}

RunningNumber::Verdict RunningNumber::take(std::uint64_t number, const Sighting& sighting) {
  Verdict verdict;
  if (last_) {
    const auto steps = steps_ahead(*last_, number, modulus_);
    if ((!steps || *steps == 0) && seen_.knows(number, sighting)) return {.repeated = true};
    verdict.restarted = !steps;
    verdict.lost = steps && *steps > 0 ? *steps - 1 : 0;
  }
  last_ = number;
  seen_.remember(number, sighting);
  return verdict;
}

}  // namespace davy
