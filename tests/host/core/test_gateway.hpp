#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/link/fake_broker.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/hash.hpp"
#include "proto/wire/messages.hpp"
#include "proto/wire/topics.hpp"

namespace davy {

// A gateway as the host sees one: publishes what it is told to, with correct numbers and hashes.
class TestGateway {
 public:
  TestGateway(FakeBroker& broker, std::string name, std::uint64_t boot = 1)
      : broker_{broker}, name_{std::move(name)}, boot_{boot}, stream_{random_uuid()} {
    Point methane;
    methane.name = name_ + "-T0";
    methane.quantity = "CH4";
    methane.unit = "%CH4";
    methane.range_high = 4;
    methane.limits = {{.level = LimitState::alarm, .at = 1.0, .clear_at = 1.0, .basis = "AQ 1029"}};
    points = {methane};
  }

  std::vector<Point> points;
  Duration clock_error{0};  // of its wall clock
  ClockQuality clock = ClockQuality::synced;
  std::string mine = "north";

  const std::string& name() const { return name_; }
  const Uuid& stream() const { return stream_; }
  std::uint64_t next_seq() const { return next_seq_; }
  std::uint64_t boot() const { return boot_; }
  std::string topic_of(TopicKind kind) const { return topic(mine, name_, kind); }
  WallTime wall(Now now) const { return now.wall + clock_error; }
  // Its steady clock runs with the host's, from another zero.
  SteadyTime steady(Now now) const {
    return now.steady + Duration{static_cast<std::int64_t>(boot_) * 1'000'003};
  }

  void new_stream() {
    stream_ = random_uuid();
    next_seq_ = 1;
    previous_ = {};
  }
  void reboot() { ++boot_; }

  EncodedBirth birth() const { return encode_birth({mine, name_, points}); }
  void send_birth(bool retained = true) { send(TopicKind::birth, birth().message, retained); }
  void send_state(Now now, bool online = true, const std::string& reason = "") {
    send(TopicKind::state, encode_state(state(now, online, reason)), true);
  }
  GatewayState state(Now now, bool online = true, const std::string& reason = "") const {
    return {.online = online,
            .gateway = name_,
            .boot = boot_,
            .wall = wall(now),
            .steady = steady(now),
            .reason = reason,
            .version = "1.0",
            .stream = stream_,
            .next_seq = next_seq_,
            .birth = birth().hash,
            .clock = clock};
  }

  // The next block, opened now; its samples a table of (point, value) taken now.
  struct Value {
    std::uint32_t point = 0;
    double value = 0;
    Quality quality{};
    Duration ago{0};
  };
  EncodedBlock make(Now now, const std::vector<Value>& values, const std::vector<Event>& events = {}) {
    Block block;
    block.header = header(now);
    for (const Value& v : values) {
      block.samples.push_back({PointIndex{v.point}, v.value, v.quality, wall(now) - v.ago});
    }
    block.events = events;
    return seal(block);
  }
  BlockHeader header(Now now) const {
    return {.gateway = name_,
            .stream = stream_,
            .seq = Seq{next_seq_},
            .boot = boot_,
            .opened_at = wall(now),
            .opened_steady = steady(now),
            .clock = clock,
            .birth = birth().hash,
            .previous = previous_};
  }
  EncodedBlock seal(const Block& block) {
    EncodedBlock encoded = encoder_.encode(block);
    previous_ = encoded.hash;
    ++next_seq_;
    return encoded;
  }

  void send(TopicKind kind, const std::string& payload, bool retained = false) {
    broker_.publish(topic_of(kind), payload, retained);
  }
  void send(const EncodedBlock& block) { send(TopicKind::block, block.envelope); }
  void send_value(Now now, double value) { send(make(now, {{0, value}})); }

 private:
  FakeBroker& broker_;
  std::string name_;
  std::uint64_t boot_;
  Uuid stream_;
  std::uint64_t next_seq_ = 1;
  Hash previous_{};
  BlockEncoder encoder_;
};

}  // namespace davy
