#include "gateway/edge/block_builder.hpp"

#include <algorithm>
#include <utility>

#include "proto/base/assert.hpp"
#include "proto/wire/limits.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

bool is_urgent(EventKind kind) {
  switch (kind) {
    case EventKind::started:
    case EventKind::stopped:
    case EventKind::config_changed:
    case EventKind::clock_stepped:
    case EventKind::spool_replaced:
    case EventKind::bus_fault:
    case EventKind::bus_restored:
    case EventKind::input_lost:
    case EventKind::lock_tripped:
    case EventKind::lock_released:
    case EventKind::output_fault:
    case EventKind::output_restored:
    case EventKind::feed_abnormal:
    case EventKind::feed_abnormal_ended:
    case EventKind::feed_lost:
    case EventKind::feed_lost_ended:
    case EventKind::flow_contradiction:
    case EventKind::flow_contradiction_ended:
    case EventKind::key_used:
    case EventKind::key_refused:
    case EventKind::key_ended: return true;
    case EventKind::blocks_dropped: return false;  // old news by nature
  }
  return true;
}

}  // namespace

void BlockBuilder::add(const Sample& sample, Now now) {
  const auto index = static_cast<std::size_t>(sample.point);
  DAVY_ASSERT(index < last_quality_.size());
  open(now);
  open_.block.samples.push_back(sample);
  if (last_quality_[index] != sample.quality) {
    last_quality_[index] = sample.quality;
    make_urgent(now);
  }
  added(sample.source_time, now);
}

void BlockBuilder::add(Sighting sighting, Now now) {
  open(now);
  const WallTime at = sighting.source_time;
  if (sighting.sos) make_urgent(now);
  open_.block.sightings.push_back(std::move(sighting));
  added(at, now);
}

void BlockBuilder::add(Event event, Now now) {
  open(now);
  event.text = clean_text(event.text, event_text_size_max);
  text_bytes_ += event.text.size();
  const WallTime at = event.at;
  open_.keep = true;
  if (is_urgent(event.kind)) make_urgent(now);
  open_.block.events.push_back(std::move(event));
  added(at, now);
}

void BlockBuilder::step(Now now) {
  if (now.steady >= next_due()) close(now);
}

void BlockBuilder::close(Now now) {
  if (open_.block.entries() == 0) return;
  if (open_.block.header.urgent) next_urgent_ = now.steady + urgent_gap;
  closed_.push_back(std::move(open_));
  open_ = std::exchange(spare_, {});
  close_at_ = never;
}

bool BlockBuilder::take(ClosedBlock& out) {
  if (closed_.empty()) return false;
  out = std::move(closed_.front());
  closed_.erase(closed_.begin());
  return true;
}

void BlockBuilder::recycle(ClosedBlock block) {
  block.block.samples.clear();
  block.block.sightings.clear();
  block.block.events.clear();
  spare_.block.samples = std::move(block.block.samples);
  spare_.block.sightings = std::move(block.block.sightings);
  spare_.block.events = std::move(block.block.events);
}

void BlockBuilder::open(Now now) {
  if (open_.block.entries() > 0) return;
  open_.keep = false;
  open_.newest = WallTime::min();
  open_.block.header = {.opened_at = now.wall, .opened_steady = now.steady, .clock = clock_};
  text_bytes_ = 0;
  close_at_ = now.steady + close_after_;
}

void BlockBuilder::make_urgent(Now now) {
  open_.block.header.urgent = true;
  open_.keep = true;
  close_at_ = std::min(close_at_, std::max(now.steady, next_urgent_));
}

void BlockBuilder::added(WallTime at, Now now) {
  open_.newest = std::max(open_.newest, at);
  if (open_.block.entries() >= block_entries_max || text_bytes_ >= text_bytes_max) close(now);
}

}  // namespace davy
