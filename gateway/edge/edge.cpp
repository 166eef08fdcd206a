#include "gateway/edge/edge.hpp"

#include <algorithm>
#include <utility>

#include "gateway/edge/gateway_birth.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

// Beyond two rounds of its slowest device: dead devices and lost ports are told by samples, so this much
// silence means that the bus's thread itself hangs.
constexpr Duration stuck_after{30'000};

Duration patience_with(const BusSettings& bus) {
  Duration longest{0};
  for (const DeviceSettings& device : bus.devices) longest = std::max(longest, device.period);
  return 2 * longest + stuck_after;
}

}  // namespace

Result<std::unique_ptr<Edge>> Edge::create(const GatewayConfig& config, Spool& spool, BatchInbox& inbox,
                                           MqttLink& link, const EdgeStart& start, Now now) {
  SelfPoints self_points{config};
  const auto birth = gateway_birth(config, self_points);
  if (!birth) return fail(birth.error());
  return std::unique_ptr<Edge>{
      new Edge{config, spool, inbox, link, start, std::move(self_points), encode_birth(*birth), now}};
}

Edge::Edge(const GatewayConfig& config, Spool& spool, BatchInbox& inbox, MqttLink& link,
           const EdgeStart& start, SelfPoints self_points, const EncodedBirth& birth, Now now)
    : config_{config},
      spool_{spool},
      inbox_{inbox},
      self_points_{std::move(self_points)},
      builder_{config.block_close_after, config.points.size() + self_points_.points().size()},
      writer_{spool, config.gateway, start.boot, birth, now},
      clock_watch_{now},
      self_due_{now.steady} {
  if (config.uplink) {
    const UplinkIdentity identity{config.mine, config.gateway, start.boot, start.version, birth, start.boot};
    uplink_ = std::make_unique<Uplink>(*config.uplink, identity, spool, link, now);
  }
  self_values_.buses.resize(config.buses.size());
  for (const BusSettings& bus : config.buses) {
    health_.push_back({.last_batch = now.steady, .patience = patience_with(bus)});
  }
  if (start.spool_replaced) tell(EventKind::spool_replaced, *start.spool_replaced, now);
  tell(EventKind::started, start.version, now);
  const SpoolState state = spool.state();
  if (state.next_seq > 1 && state.birth != birth.hash)
    tell(EventKind::config_changed, to_hex(birth.hash), now);
  log::info("started", {{"version", start.version},
                        {"gateway", config.gateway},
                        {"boot", start.boot},
                        {"stream", to_text(state.stream)},
                        {"next_seq", state.next_seq},
                        {"blocks_waiting", state.blocks},
                        {"birth", to_hex(birth.hash).substr(0, 16)},
                        {"points", config.points.size()}});
}

void Edge::step(Now now) {
  watch_clock(now);
  take_batches(now);
  if (now.steady >= self_due_) sample_self(now);
  writer_.step(now);
  store(now);
  if (uplink_) uplink_->step(now);
}

SteadyTime Edge::next_due() const {
  const SteadyTime own = std::min({builder_.next_due(), writer_.next_due(), self_due_});
  return uplink_ ? std::min(own, uplink_->next_due()) : own;
}

void Edge::stop(Now now, const std::string& reason) {
  watch_clock(now);
  take_batches(now);
  tell(EventKind::stopped, reason, now);
  builder_.close(now);
  store(now);
  builder_.close(now);  // what storing brought about
  store(now);
  if (uplink_) uplink_->stop(now, reason);
}

void Edge::tell(EventKind kind, std::string text, Now now) {
  builder_.add(Event{.kind = kind, .at = now.wall, .text = std::move(text)}, now);
}

// Entries before the step stay in a block of the old time: the host can then tell which stamps are on which
// side.
void Edge::watch_clock(Now now) {
  const ClockQuality quality = clock_quality(now.wall, clock_disciplined_);
  builder_.set_clock(quality);
  if (uplink_) uplink_->set_clock(quality);
  const auto moved = clock_watch_.moved(now);
  if (!moved) return;
  log::warn("clock_stepped", {{"by_ms", moved->count()}});
  builder_.close(now);
  builder_.add(Event{.kind = EventKind::clock_stepped,
                     .at = now.wall,
                     .first = static_cast<std::uint64_t>(moved->count())},
               now);
}

void Edge::take_batches(Now now) {
  inbox_.drain(batches_);
  for (BusBatch& batch : batches_) {
    for (const Sample& sample : batch.samples) builder_.add(sample, now);
    for (Sighting& sighting : batch.sightings) builder_.add(std::move(sighting), now);
    for (Event& event : batch.events) builder_.add(std::move(event), now);
    if (batch.bus == no_bus) continue;
    health_[batch.bus].last_batch = now.steady;
    health_[batch.bus].heard = true;
    self_values_.buses[batch.bus] = {batch.counts.failed_requests, batch.counts.missed_rounds};
  }
}

void Edge::sample_self(Now now) {
  // On a grid, like any other point.
  while (self_due_ <= now.steady) self_due_ += SelfPoints::period;
  const SpoolState state = spool_.state();
  self_values_.link_up = uplink_ && uplink_->is_up();
  self_values_.spool_blocks = state.blocks;
  self_values_.spool_bytes = state.bytes;
  self_values_.clock = clock_quality(now.wall, clock_disciplined_);
  samples_.clear();
  self_points_.sample(self_values_, now.wall, samples_);
  for (const Sample& sample : samples_) builder_.add(sample, now);
}

// Closed blocks go to the spool; what that brings about goes into the next block, until nothing is closed any
// more.
void Edge::store(Now now) {
  for (;;) {
    writer_.take_events(events_);
    for (Event& event : events_) builder_.add(std::move(event), now);
    builder_.step(now);
    ClosedBlock block;
    if (!builder_.take(block)) break;
    do {
      writer_.put(std::move(block), now);
    } while (builder_.take(block));
  }
  for (ClosedBlock done; writer_.take_done(done);) builder_.recycle(std::move(done));
}

bool Edge::is_stopped() const { return !uplink_ || uplink_->is_stopped(); }

bool Edge::first_round_done() const { return std::ranges::all_of(health_, &BusHealth::heard); }

const BusSettings* Edge::stuck_bus(SteadyTime now) const {
  for (std::size_t i = 0; i < health_.size(); ++i) {
    if (config_.buses[i].devices.empty()) continue;
    if (now - health_[i].last_batch > health_[i].patience) return &config_.buses[i];
  }
  return nullptr;
}

}  // namespace davy
