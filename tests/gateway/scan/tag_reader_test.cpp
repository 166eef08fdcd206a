#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>

#include <doctest/doctest.h>

#include "drivers/api/blocking_channel.hpp"
#include "drivers/tags/tag_device.hpp"
#include "gateway/scan/register_scanner.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

// One reader with registers from 0, in the time of a test; a request takes 10 ms.
class ReaderBus : public RegisterBus {
 public:
  ReaderBus(ManualClock& clock, std::size_t count) : clock_{clock}, registers(count) {}

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override {
    reads += 1;
    if (silent) return no_answer(request);
    clock_.advance(10ms);
    refresh();
    if (std::size_t{request.address} + request.count > registers.size()) return exception_reply(request, 2);
    std::copy_n(registers.begin() + request.address, request.count, out.begin());
    return {.turnaround = 5ms};
  }
  BusReply write(const RegisterWrite& request) override {
    writes.push_back(request);
    if (silent) return no_answer(request);
    clock_.advance(10ms);
    on_write(request);
    return {.turnaround = 5ms};
  }
  virtual void refresh() {}
  virtual void on_write(const RegisterWrite&) {}

 private:
  template <typename Request>
  BusReply no_answer(const Request& request) {
    clock_.advance(request.reply_timeout);
    return failed_reply(request, BusFault::timeout, "no reply");
  }
  ManualClock& clock_;

 public:
  std::vector<std::uint16_t> registers;
  bool silent = false;
  std::size_t reads = 0;
  std::vector<RegisterWrite> writes;
};

// The ring of generic-tag-ring.
class RingBus final : public ReaderBus {
 public:
  RingBus(ManualClock& clock, std::uint16_t slots) : ReaderBus{clock, 2 + std::size_t{slots} * 8} {
    registers[1] = slots;
  }
  void see(std::uint64_t tag, std::int16_t distance_cm = 0, bool sos = false) {
    const std::uint16_t number = ++registers[0];
    const auto at = registers.begin() + 2 + (number % registers[1]) * 8;
    const std::array<std::uint16_t, 8> slot{number,
                                            static_cast<std::uint16_t>(tag >> 48U),
                                            static_cast<std::uint16_t>(tag >> 32U),
                                            static_cast<std::uint16_t>(tag >> 16U),
                                            static_cast<std::uint16_t>(tag),
                                            static_cast<std::uint16_t>(distance_cm),
                                            0,
                                            sos ? std::uint16_t{1} : std::uint16_t{0}};
    std::ranges::copy(slot, at);
  }
  void restart() { std::fill(registers.begin() + 2, registers.end(), std::uint16_t{registers[0] = 0}); }
};

// The FIFO of generic-tag-fifo: what has no room is counted and gone.
class FifoBus final : public ReaderBus {
 public:
  explicit FifoBus(ManualClock& clock) : ReaderBus{clock, 16 + room * 6} {}
  static constexpr std::size_t room = 32;

  void see(std::uint32_t tag) {
    number_ += 1;
    if (waiting.size() == room) {
      registers[1] += 1;
    } else {
      waiting.push_back(
          {number_, static_cast<std::uint16_t>(tag >> 16U), static_cast<std::uint16_t>(tag), 0, 0, 0});
    }
  }
  void refresh() override {
    registers[0] = static_cast<std::uint16_t>(waiting.size());
    std::fill(registers.begin() + 16, registers.end(), std::uint16_t{0});
    for (std::size_t i = 0; i < waiting.size(); ++i)
      std::ranges::copy(waiting[i], registers.begin() + 16 + static_cast<std::ptrdiff_t>(i * 6));
  }
  void on_write(const RegisterWrite& request) override {
    while (!waiting.empty() && static_cast<std::int16_t>(request.value - waiting.front()[0]) >= 0)
      waiting.pop_front();
  }

  std::deque<std::array<std::uint16_t, 6>> waiting;

 private:
  std::uint16_t number_ = 0;
};

DeviceProfile profile_named(const std::string& name) {
  auto loaded = load_profile("drivers/profiles/" + name + ".textproto");
  REQUIRE_MESSAGE(loaded, loaded.error().message);
  return std::move(*loaded);
}

struct Options {
  std::optional<DebounceSettings> debounce;
  bool with_point = false;  // in register 60000: read by the fast lane
  bool lock_input = false;
};

// A scanner with one reader of tags on its bus.
template <typename Bus>
struct Bench {
  template <typename... More>
  explicit Bench(const std::string& profile_name, const Options& options, More... more)
      : bus{clock, more...}, profile{profile_named(profile_name)} {
    settings.name = "rs485-1";
    DeviceSettings device{.name = "reader-3", .unit = 9, .is_tag_reader = true, .debounce = options.debounce};
    if (options.with_point) {
      profile.signals.push_back(
          {.name = "supply", .table = RegisterTable::input, .address = 1, .encoding = Encoding::u16});
      device.points.push_back({.index = 0, .signal = 0});
      points.push_back({.name = "P", .range_high = 65535, .period = 1000ms});
    }
    settings.devices.push_back(device);
    std::vector<RegisterScanner::DeviceParts> parts;
    parts.push_back({std::make_unique<TagDevice>(settings, settings.devices[0], profile),
                     options.lock_input ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{}});
    scanner = std::make_unique<RegisterScanner>(settings, std::move(parts), channel,
                                                BatchDesk{0U, settings, points, clock, sink}, clock,
                                                clock.steady());
  }

  void run_for(Duration length) {
    const SteadyTime end = clock.steady() + length;
    while (clock.steady() < end) {
      const SteadyTime due = std::min(scanner->step(read(clock)), end);
      std::vector<BusBatch> got;
      sink.drain(got);
      for (const BusBatch& batch : got) {
        batches += 1;
        samples += batch.samples.size();
        for (const Sighting& sighting : batch.sightings) {
          CHECK(sighting.reader == "reader-3");
          tags[sighting.tag] += 1;
          sos += sighting.sos ? 1 : 0;
        }
        events.insert(events.end(), batch.events.begin(), batch.events.end());
      }
      if (due > clock.steady()) clock.advance(due - clock.steady());
    }
  }
  std::vector<Event> of(EventKind kind) const {
    std::vector<Event> out;
    std::ranges::copy_if(events, std::back_inserter(out), [&](const Event& e) { return e.kind == kind; });
    return out;
  }

  ManualClock clock;
  BatchInbox sink{1000};
  Bus bus;
  BlockingChannel channel{bus};
  DeviceProfile profile;
  BusSettings settings;
  std::vector<Point> points;
  std::unique_ptr<RegisterScanner> scanner;
  std::size_t batches = 0;
  std::size_t samples = 0;
  std::map<std::uint64_t, int> tags;
  int sos = 0;
  std::vector<Event> events;
};

using RingBench = Bench<RingBus>;
using FifoBench = Bench<FifoBus>;

}  // namespace

TEST_CASE("tag reader: 80 tags that stand at a ring of 96, told each second, come once each time") {
  RingBench bench{"generic-tag-ring", {}, std::uint16_t{96}};
  bench.run_for(1s);
  for (int second = 0; second < 20; ++second) {
    for (std::uint64_t tag = 1; tag <= 80; ++tag) bench.bus.see(70000 + tag, 100, tag == 7 && second == 5);
    bench.run_for(1s);
  }
  REQUIRE(bench.tags.size() == 80);
  CHECK(std::ranges::all_of(bench.tags, [](const auto& each) { return each.second == 20; }));
  CHECK(bench.sos == 1);
  CHECK(bench.events.empty());
}

TEST_CASE("tag reader: what a ring could not hold is an event with the reader's name and the number lost") {
  RingBench bench{"generic-tag-ring", {}, std::uint16_t{12}};
  bench.run_for(1s);
  for (std::uint64_t tag = 1; tag <= 30; ++tag) bench.bus.see(tag);
  bench.run_for(2s);
  CHECK(bench.tags.size() == 12);
  const auto lost = bench.of(EventKind::input_lost);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].first == 18);
  CHECK(lost[0].text.starts_with("rs485-1/reader-3: "));
}

TEST_CASE("tag reader: one that restarts is told, and what it has is new") {
  RingBench bench{"generic-tag-ring", {}, std::uint16_t{12}};
  bench.run_for(1s);
  for (std::uint64_t tag = 1; tag <= 9; ++tag) bench.bus.see(tag);
  bench.run_for(1s);
  bench.bus.restart();
  for (std::uint64_t tag = 21; tag <= 23; ++tag) bench.bus.see(tag);
  bench.run_for(1s);
  CHECK(bench.tags.size() == 12);
  const auto lost = bench.of(EventKind::input_lost);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].first == 0);  // nobody knows
  CHECK(lost[0].text.find("counts anew") != std::string::npos);
}

TEST_CASE("tag reader: a FIFO is told what was fetched, and its overruns are told by their number") {
  FifoBench bench{"generic-tag-fifo", {}};
  bench.run_for(1s);
  for (std::uint32_t tag = 1; tag <= 40; ++tag) bench.bus.see(tag);
  bench.run_for(1s);
  CHECK(bench.tags.size() == 32);
  CHECK(bench.bus.waiting.empty());
  REQUIRE_FALSE(bench.bus.writes.empty());
  CHECK(bench.bus.writes.back().value == 32);
  for (std::uint32_t tag = 41; tag <= 50; ++tag) bench.bus.see(tag);
  bench.run_for(2s);
  CHECK(bench.tags.size() == 42);
  std::uint64_t told = 0;
  for (const Event& event : bench.of(EventKind::input_lost)) told += event.first;
  CHECK(told == 8);
}

TEST_CASE("tag reader: without tags and points every period is a sign of life all the same") {
  RingBench bench{"generic-tag-ring", {}, std::uint16_t{12}};
  bench.run_for(60s);
  CHECK(bench.batches >= 60);
  bench.batches = 0;
  bench.bus.silent = true;
  bench.run_for(60s);
  CHECK(bench.batches >= 55);
}

TEST_CASE("tag reader: one that falls silent is a fault, and over when it answers; nothing it kept is lost") {
  RingBench bench{"generic-tag-ring", {}, std::uint16_t{96}};
  bench.run_for(2s);
  bench.bus.silent = true;
  bench.run_for(10s);
  REQUIRE(bench.of(EventKind::bus_fault).size() == 1);
  CHECK(bench.of(EventKind::bus_fault)[0].text.starts_with("rs485-1/reader-3: "));
  for (std::uint64_t tag = 1; tag <= 80; ++tag) bench.bus.see(tag);
  bench.bus.silent = false;
  bench.run_for(10s);
  CHECK(bench.of(EventKind::bus_restored).size() == 1);
  CHECK(bench.tags.size() == 80);
  CHECK(bench.of(EventKind::input_lost).empty());
}

TEST_CASE("tag reader: debounced, a tag that stands is told every keep-alive, a call for help each time") {
  RingBench bench{"generic-tag-ring", {.debounce = DebounceSettings{}}, std::uint16_t{12}};
  bench.run_for(1s);
  for (int i = 0; i < 120; ++i) {
    bench.bus.see(1, 200);
    bench.bus.see(2, 200, true);
    bench.run_for(500ms);
  }
  bench.run_for(2s);
  CHECK(bench.tags[1] >= 12);
  CHECK(bench.tags[1] <= 14);
  CHECK(bench.tags[2] == 120);
  CHECK(bench.of(EventKind::input_lost).empty());
}

TEST_CASE("tag reader: points beside are read, and being in the fast lane keeps no sighting away") {
  RingBench bench{"generic-tag-ring", {.with_point = true, .lock_input = true}, std::uint16_t{12}};
  for (std::uint64_t tag = 1; tag <= 30; ++tag) {
    bench.bus.see(tag);
    bench.run_for(1s);
  }
  CHECK(bench.tags.size() == 30);
  CHECK(bench.samples >= 100);  // at the fast period
}

TEST_CASE("batch desk: in a full box a call for help goes before ordinary sightings") {
  ManualClock clock;
  const BusSettings settings{.name = "b"};
  BatchInbox sink{1};
  BatchDesk desk{0, settings, {}, clock, sink};
  const Now now = read(clock);
  desk.hand_over_in_any_case(now, {});  // the inbox is full now
  for (std::uint64_t tag = 1; tag <= 5000; ++tag) desk.add(Sighting{.tag = tag, .reader = "r"});
  desk.add(Sighting{.tag = 9999, .reader = "r", .sos = true});
  desk.hand_over(now, {});
  std::vector<BusBatch> got;
  sink.drain(got);
  desk.hand_over(now, {});
  sink.drain(got);
  REQUIRE_FALSE(got.empty());
  const BusBatch& batch = got.back();
  REQUIRE(batch.sightings.size() == 4096);
  CHECK(batch.sightings.back().tag == 9999);
  REQUIRE(batch.events.size() == 1);
  CHECK(batch.events[0].first == 905);
}
