#include "tests/sim/sim_host.hpp"

#include "proto/base/assert.hpp"

namespace davy::sim {
namespace {

HostConfig host_config(Duration late_after) {
  HostConfig config;
  config.mine = "sim";
  config.data = "/host";
  config.broker.host = "broker";
  config.broker.client_id = "davy-host-sim";
  config.times.late_after = late_after;
  return config;
}

}  // namespace

SimHost::SimHost(FakeBroker& broker, std::uint64_t seed, Duration late_after)
    : broker_{broker}, disk_{"host-" + std::to_string(seed), seed}, config_{host_config(late_after)} {}

SqliteOptions SimHost::database() const {
  return {.path = "/host/davy.db", .exclusive = true, .vfs = disk_.vfs()};
}

void SimHost::start() {
  if (core_) return;
  page_.clear();
  link_ = std::make_unique<FakeLink>(broker_);
  auto core = HostCore::open(config_, database(), *link_, *this, now());
  // A disk that is full right now: whoever started it tries again later.
  if (core) core_ = std::move(*core);
}

void SimHost::step() {
  if (!core_) return;
  told_now_.clear();
  core_->step(now());
  if (core_->health().storing) told_.insert(told_.end(), told_now_.begin(), told_now_.end());
}

SteadyTime SimHost::next_due() const { return core_ ? core_->next_due() : never; }

void SimHost::power_loss() {
  disk_.power_loss();
  disk_.power_loss_at(0);  // it went before the planned moment came
  core_.reset();
  link_.reset();
}

void SimHost::acknowledge_one(std::mt19937_64& random) {
  if (!core_) return;
  for (const auto& [occurrence, alarm] : page_) {
    if (alarm.state != AlarmState::unacknowledged && alarm.state != AlarmState::rtn_unacknowledged) continue;
    if (random() % 3 == 0) continue;
    const bool queued =
        core_->acknowledge({occurrence, alarm.seq, "operator", "seen", [](const Result<Alarm>&) {}});
    DAVY_ASSERT(queued);
    return;
  }
}

void SimHost::on_values(std::span<const LatestValue> changed) {
  for (const LatestValue& value : changed) DAVY_ASSERT(value.point != no_point);
}

void SimHost::on_alarm(const JournalEntry& entry) {
  told_now_.push_back(entry);
  if (entry.late) return;
  page_[entry.alarm.occurrence] = entry.alarm;
  if (entry.alarm.state == AlarmState::normal) page_.erase(entry.alarm.occurrence);
}

void SimHost::on_standing(std::span<const Alarm> alarms) {
  for (const Alarm& alarm : alarms) page_[alarm.occurrence] = alarm;
}

}  // namespace davy::sim
