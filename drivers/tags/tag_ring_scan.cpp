#include <algorithm>

#include "drivers/tags/tag_ring.hpp"

// The half of TagRing that reads the whole ring to find out what is where.
namespace davy {

// `recount`: the numbers do not continue those before; otherwise only the places are in question.
void TagRing::begin_scan(bool recount) {
  scanned_ = true;
  recount_ = recount;
  found_.clear();
  blocks_.clear();
  at_ = 0;
  for (std::uint32_t first = 0; first < capacity_; first += slots_per_request()) {
    blocks_.push_back({first, std::min(slots_per_request(), capacity_ - first), 0});
  }
  phase_ = Phase::scan;
}

void TagRing::on_scan(std::span<const std::uint16_t> registers, WallTime arrived, TagReport& out) {
  const Block& block = blocks_[at_];
  for (std::uint32_t i = 0; i < block.count; ++i) {
    const std::size_t begin = static_cast<std::size_t>(i) * ring_.slot_registers;
    const RawSighting raw = slot_.decode(registers.subspan(begin, ring_.slot_registers));
    if (raw.tag == 0) continue;
    const auto number = static_cast<std::uint16_t>(*raw.number);
    const Count back = (count_of(newest_) + modulus_ - count_of(number)) % modulus_;
    // Others came while the ring was read, or are left from another life: the next look fetches the first
    // kind.
    if (back < capacity_) {
      found_.push_back({back, block.first + i, number, sighting_from(raw, reader_, arrived)});
    }
  }
  if (++at_ < blocks_.size()) return;
  phase_ = Phase::idle;
  resolve(out);
}

void TagRing::resolve(TagReport& out) {
  std::ranges::stable_sort(found_, std::ranges::greater{}, &Found::back);  // the oldest first
  const auto is_new = [&](const Found& found) { return !seen_.knows(found.number, found.sighting); };
  if (!recount_ || goes_on(out)) {
    locate(out);
  } else if (last_ && !found_.empty() && std::ranges::none_of(found_, is_new)) {
    out.repeated += found_.size();  // a replay: its numbers come up to ours again by themselves
    return;
  } else {
    recount(out);
  }
  next_pass();
  if (found_.empty()) return;
  // The reader's own order of slots, from the newest that it holds.
  const Count newest_found = *last_ - found_.back().back;
  offset_ = (found_.back().position + capacity_ - newest_found % capacity_) % capacity_;
}

// The last sighting is there after all, in another slot: no restart.
bool TagRing::goes_on(TagReport& out) {
  if (!last_) return false;
  const auto steps = steps_ahead(*last_ % modulus_, count_of(newest_), modulus_);
  const std::uint16_t number = number_of(*last_);
  const bool there = std::ranges::any_of(found_, [&](const Found& found) {
    return found.number == number && seen_.looks_known(number, found.sighting);
  });
  if (!steps || !there) return false;
  shaky_ = false;
  extend(*steps, out);
  return true;
}

// The reader has been met for the first time, or has restarted.
void TagRing::recount(TagReport& out) {
  // Since it began to count it has seen `newest_` tags at least; 0 comes round only where there is one.
  const bool round = std::ranges::any_of(found_, [&](const Found& found) { return found.back >= newest_; });
  Count held = round ? capacity_ : std::min<Count>(newest_, capacity_);
  if (!last_) {
    // What it lost before the first look is not ours to tell; what it is writing just now is.
    held = std::min<Count>(held, found_.empty() ? 1 : found_.back().back);
  } else {
    out.restarted = true;
    out.lost += wanted_.size() + (newest_ - std::min<Count>(newest_, capacity_));
    out.message = "reader " + reader_ + " has restarted; what it had not told before is lost";
  }
  shaky_ = false;
  wanted_.clear();
  last_ = modulus_ + count_of(newest_);  // room to count back
  std::vector<bool> there(capacity_);
  for (const Found& found : found_) {
    there[static_cast<std::size_t>(found.back)] = true;
    if (seen_.knows(found.number, found.sighting)) {
      ++out.repeated;
    } else {
      take(*last_ - found.back, found.sighting, out);
    }
  }
  for (Count back = held; back-- > 0;) {
    if (!there[static_cast<std::size_t>(back)]) wanted_.push_back(*last_ - back);
  }
}

// The numbers go on, but some are not where they should be: they are looked up by their numbers.
void TagRing::locate(TagReport& out) {
  for (const Found& found : found_) {
    const Count count = *last_ - found.back;
    if (std::erase(wanted_, count) > 0) take(count, found.sighting, out);
  }
}

}  // namespace davy
