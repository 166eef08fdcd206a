#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "host/core/host_core.hpp"
#include "host/history/sqlite_history_reader.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/link/fake_broker.hpp"
#include "tests/host/core/test_gateway.hpp"
#include "tests/sim/sqlite_sim_disk.hpp"
#include "tests/support/temp_folder.hpp"

namespace davy {

// Remembers everything it was told.
class HeardByAll final : public HostListener {
 public:
  void on_standing(std::span<const Alarm> all) override { standing.assign(all.begin(), all.end()); }
  void on_health(const HostHealth& now) override { health = now; }
  void on_points(std::span<const HostPoint> changed) override {
    for (const HostPoint& p : changed) points[p.point.name] = p;
  }
  void on_values(std::span<const LatestValue> changed) override {
    for (const LatestValue& v : changed) values[v.point] = v;
  }
  void on_gateway(const GatewayStatus& status) override { gateways[status.name] = status; }
  void on_alarm(const JournalEntry& entry) override { alarms.push_back(entry); }

  std::vector<Alarm> standing;
  HostHealth health;
  std::map<std::string, HostPoint> points;
  std::map<HostPointId, LatestValue> values;
  std::map<std::string, GatewayStatus> gateways;
  std::vector<JournalEntry> alarms;

  std::size_t count(Transition kind, AlarmSource source = AlarmSource::limit) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        alarms, [&](const JournalEntry& e) { return e.kind == kind && e.alarm.source == source; }));
  }
  // The last transition of a gateway's alarm of this kind.
  const JournalEntry* gateway_alarm(const std::string& gateway, const std::string& kind) const {
    const auto last = std::find_if(alarms.rbegin(), alarms.rend(), [&](const JournalEntry& e) {
      return e.alarm.source == AlarmSource::gateway && e.alarm.gateway == gateway && e.alarm.kind == kind;
    });
    return last == alarms.rend() ? nullptr : &*last;
  }
  bool stands(const std::string& gateway, const std::string& kind) const {
    const JournalEntry* last = gateway_alarm(gateway, kind);
    return last != nullptr && last->alarm.condition == Condition::active;
  }
};

// One host and its broker; time moves when the test says so.
struct HostScene {
  HostScene() {
    config.mine = "north";
    config.broker.host = "broker";
    config.broker.client_id = "davy-host-north";
    clock.advance(Duration{60'000});
  }

  // On a real file by default; on a simulated disk when one is given.
  Status open() {
    listener = std::make_unique<HeardByAll>();
    link = std::make_unique<FakeLink>(broker);
    auto opened = HostCore::open(config, database(), *link, *listener, now());
    if (!opened) return fail(opened.error());
    core = std::move(*opened);
    return {};
  }
  void start() {
    const auto opened = open();
    if (!opened) FAIL(opened.error().message);
    settle();
  }
  // Without a good-bye.
  void crash() {
    core.reset();
    link.reset();
  }
  void restart() {
    crash();
    start();
  }

  Now now() const { return read(clock); }
  // Everything that is due now, at the broker and in the core.
  void settle() {
    for (int i = 0; i < 1000; ++i) {
      broker.step(clock.steady());
      core->step(now());
      if (broker.next_due() > clock.steady() && core->next_due() > clock.steady()) return;
    }
    FAIL("the host does not come to rest");
  }
  // Lets time pass in the steps that broker and core ask for.
  void run_for(Duration by) {
    const SteadyTime end = clock.steady() + by;
    settle();
    while (clock.steady() < end) {
      const SteadyTime due = std::min({end, broker.next_due(), core->next_due()});
      clock.advance(std::max(Duration{1}, Duration{due - clock.steady()}));
      settle();
    }
  }
  void add(TestGateway& gateway) {
    gateway.send_birth();
    gateway.send_state(now());
    settle();
  }
  void value(TestGateway& gateway, double value) {
    gateway.send_value(now(), value);
    settle();
  }

  SqliteOptions database() const {
    if (disk) return {.path = "/history.db", .exclusive = true, .vfs = disk->vfs()};
    return {.path = folder.file("history.db")};
  }
  std::unique_ptr<SqliteHistoryReader> reader() const {
    auto opened = SqliteHistoryReader::open(database());
    if (!opened) FAIL(opened.error().message);
    return std::move(*opened);
  }
  std::int64_t number(const std::string& sql) const {
    auto db = SqliteDatabase::open({.path = database().path, .read_only = true});
    if (!db) FAIL(db.error().message);
    const auto n = db->query_number(sql);
    if (!n) FAIL(n.error().message);
    return n.value_or(-1);
  }
  std::int64_t blocks() const { return number("SELECT count(*) FROM block"); }

  // Every number of a stream that was ever acked.
  RangeSet acked(const TestGateway& gateway) const {
    RangeSet all;
    for (const auto& message : broker.log) {
      if (message.topic != gateway.topic_of(TopicKind::ack)) continue;
      const auto ack = decode_ack(message.payload);
      REQUIRE(ack);
      for (const AckOfStream& stream : *ack) {
        if (stream.stream != gateway.stream()) continue;
        for (const Range& range : stream.ranges) all.add(range);
      }
    }
    return all;
  }
  std::vector<Command> commands(const TestGateway& gateway) const {
    std::vector<Command> out;
    for (const auto& message : broker.log) {
      if (message.topic != gateway.topic_of(TopicKind::command)) continue;
      const auto command = decode_command(message.payload);
      REQUIRE(command);
      out.push_back(*command);
    }
    return out;
  }
  // By name of its point.
  const LatestValue& latest(const std::string& point) {
    return listener->values[listener->points.at(point).id];
  }

  TempFolder folder;
  std::unique_ptr<sim::SimDisk> disk;
  ManualClock clock;
  FakeBroker broker;
  HostConfig config;
  std::unique_ptr<HeardByAll> listener;
  std::unique_ptr<FakeLink> link;
  std::unique_ptr<HostCore> core;
};

}  // namespace davy
