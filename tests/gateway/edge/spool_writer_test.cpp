#include "gateway/edge/spool_writer.hpp"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "gateway/spool/memory_spool.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/wire/hash.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

constexpr Uuid stream{1, 2, 3};

// A disk with room for so many blocks: refuses when it is full, until somebody thins.
class SmallDisk final : public Spool {
 public:
  explicit SmallDisk(std::uint64_t room) : memory_{stream, room / 2}, room_{room} {}
  SpoolState state() const override { return memory_.state(); }
  Status append(const EncodedBlock& block, bool keep, WallTime newest) override {
    if (memory_.state().blocks >= room_) return fail(Errc::full, "disk full");
    return memory_.append(block, keep, newest);
  }
  Result<std::vector<StoredBlock>> read(Range seqs, std::size_t max) override {
    return memory_.read(seqs, max);
  }
  Status release(const std::vector<Range>& ranges) override { return memory_.release(ranges); }
  Result<std::vector<Dropped>> thin(WallTime now) override { return memory_.thin(now); }
  Result<std::vector<Dropped>> undelivered_records() override { return memory_.undelivered_records(); }
  Status record_delivered(const std::vector<Dropped>& r) override { return memory_.record_delivered(r); }
  Status put_birth(const Hash& hash, std::string_view m) override { return memory_.put_birth(hash, m); }
  Result<std::optional<std::string>> birth(const Hash& hash) override { return memory_.birth(hash); }

 private:
  MemorySpool memory_;
  std::uint64_t room_;
};

ClosedBlock ordinary(int samples = 3) {
  ClosedBlock out{.newest = wall_from_ms(1000)};
  for (int i = 0; i < samples; ++i) out.block.samples.push_back({PointIndex{0}, 0.5, {}, wall_from_ms(1000)});
  return out;
}
ClosedBlock kept() {
  ClosedBlock out{.keep = true, .newest = wall_from_ms(1000)};
  out.block.events.push_back({.kind = EventKind::bus_fault, .at = wall_from_ms(1000)});
  return out;
}

struct Bench {
  explicit Bench(Spool& s) : spool{s} {}

  void put(ClosedBlock block) {
    writer.put(std::move(block), read(clock));
    collect();
  }
  void run_for(Duration length) {
    const SteadyTime end = clock.steady() + length;
    while (writer.next_due() <= end) {
      clock.advance(std::max(writer.next_due() - clock.steady(), Duration{0}));
      writer.step(read(clock));
      collect();
    }
    clock.advance(end - clock.steady());
  }
  void collect() {
    std::vector<Event> more;
    writer.take_events(more);
    events.insert(events.end(), more.begin(), more.end());
  }
  std::vector<Block> stored() {
    std::vector<Block> out;
    BlockDecoder decoder;
    const auto blocks = spool.read({1, UINT64_MAX}, SIZE_MAX);
    for (const StoredBlock& block : *blocks) out.push_back(*decoder.decode(block.envelope));
    return out;
  }
  // What the edge does with the events: the next block carries them.
  void carry_events() {
    ClosedBlock block = kept();
    block.block.events = std::exchange(events, {});
    put(std::move(block));
  }

  Spool& spool;
  ManualClock clock;
  EncodedBirth birth{"the birth", hash_of("the birth")};
  SpoolWriter writer{spool, "G-12", 77, birth, read(clock)};
  std::vector<Event> events;
};

const Error disk_dead{Errc::unavailable, "disk: input/output error"};

}  // namespace

TEST_CASE("writer: blocks get their place in the stream") {
  MemorySpool spool{stream};
  Bench bench{spool};
  for (int i = 0; i < 3; ++i) bench.put(ordinary());
  const auto blocks = bench.stored();
  REQUIRE(blocks.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const BlockHeader& h = blocks[i].header;
    CHECK(h.gateway == "G-12");
    CHECK(h.stream == stream);
    CHECK(to_number(h.seq) == i + 1);
    CHECK(h.boot == 77);
    CHECK(h.birth == bench.birth.hash);
    CHECK((h.previous == Hash{}) == (i == 0));
  }
  CHECK(spool.birth(bench.birth.hash)->value() == "the birth");
  CHECK(bench.events.empty());
}

TEST_CASE("writer: a short failure loses nothing and changes no order") {
  MemorySpool spool{stream};
  Bench bench{spool};
  bench.put(ordinary(1));
  spool.fail_with(disk_dead);
  for (int i = 2; i <= 10; ++i) bench.put(ordinary(i));
  CHECK(bench.writer.failing());
  bench.run_for(10s);
  spool.fail_with(std::nullopt);
  bench.run_for(1s);
  CHECK_FALSE(bench.writer.failing());
  const auto blocks = bench.stored();
  REQUIRE(blocks.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) CHECK(blocks[i].samples.size() == i + 1);
  CHECK(bench.events.empty());
}

TEST_CASE("writer: a failure at the very start keeps the birth before the first block") {
  MemorySpool spool{stream};
  spool.fail_with(disk_dead);
  Bench bench{spool};
  bench.put(ordinary());
  spool.fail_with(std::nullopt);
  bench.run_for(1s);
  CHECK(bench.stored().size() == 1);
  CHECK(spool.birth(bench.birth.hash)->has_value());
}

TEST_CASE("writer: a long failure gives up ordinary blocks, oldest first, and says how much") {
  MemorySpool spool{stream};
  Bench bench{spool};
  spool.fail_with(disk_dead);
  for (int i = 0; i < 10; ++i) bench.put(kept());
  for (int i = 0; i < 100; ++i) bench.put(ordinary(i < 46 ? 5 : 7));
  spool.fail_with(std::nullopt);
  bench.run_for(2s);
  const auto blocks = bench.stored();
  REQUIRE(blocks.size() == SpoolWriter::waiting_max);
  CHECK(std::ranges::count_if(blocks, [](const Block& b) { return !b.events.empty(); }) == 10);
  CHECK(std::ranges::count_if(blocks, [](const Block& b) { return b.samples.size() == 7; }) == 54);
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].kind == EventKind::input_lost);
  CHECK(bench.events[0].first == 46 * 5);
  CHECK(bench.events[0].text.find(disk_dead.message) != std::string::npos);
  CHECK(bench.writer.lost_entries() == 46 * 5);
}

TEST_CASE("writer: when only kept blocks wait, the oldest of them goes") {
  MemorySpool spool{stream};
  Bench bench{spool};
  spool.fail_with(disk_dead);
  for (std::size_t i = 0; i < SpoolWriter::waiting_max + 3; ++i) bench.put(kept());
  spool.fail_with(std::nullopt);
  bench.run_for(2s);
  CHECK(bench.stored().size() == SpoolWriter::waiting_max);
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].first == 3);
}

TEST_CASE("writer: a loss whose report is lost is still counted") {
  MemorySpool spool{stream};
  Bench bench{spool};
  ClosedBlock report = kept();
  report.block.events = {{.kind = EventKind::input_lost, .first = 1000}};
  spool.fail_with(disk_dead);
  bench.put(report);
  for (std::size_t i = 0; i < SpoolWriter::waiting_max; ++i) bench.put(kept());
  spool.fail_with(std::nullopt);
  bench.run_for(2s);
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].first == 1000);
}

TEST_CASE("writer: a full disk is thinned at once and the block stored") {
  SmallDisk spool{10};
  Bench bench{spool};
  for (int i = 0; i < 11; ++i) bench.put(ordinary());
  CHECK_FALSE(bench.writer.failing());
  CHECK(bench.spool.state().next_seq == 12);
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].kind == EventKind::blocks_dropped);
  CHECK(bench.events[0].first == 1);
  CHECK(bench.events[0].last == 5);
}

TEST_CASE("writer: what was dropped is told until a block that says so is stored") {
  MemorySpool spool{stream, 4};
  {
    Bench bench{spool};
    for (int i = 0; i < 8; ++i) bench.put(ordinary());
    bench.run_for(SpoolWriter::thin_every);
    REQUIRE(bench.events.size() == 1);
    CHECK(bench.events[0].last == 4);
    // The power goes before the event is stored.
  }
  Bench bench{spool};
  bench.collect();
  REQUIRE(bench.events.size() == 1);
  CHECK(bench.events[0].first == 1);
  CHECK(bench.events[0].last == 4);
  bench.carry_events();
  CHECK(spool.undelivered_records()->empty());
}

TEST_CASE("writer: a report of dropped blocks that was given up is made again") {
  MemorySpool spool{stream, 4};
  Bench bench{spool};
  for (int i = 0; i < 8; ++i) bench.put(ordinary());
  bench.run_for(SpoolWriter::thin_every);
  spool.fail_with(disk_dead);
  bench.carry_events();
  for (std::size_t i = 0; i < SpoolWriter::waiting_max; ++i) bench.put(kept());
  spool.fail_with(std::nullopt);
  bench.run_for(2s);
  CHECK(std::ranges::count(bench.events, EventKind::blocks_dropped, &Event::kind) >= 1);
  CHECK(std::ranges::count(bench.events, EventKind::input_lost, &Event::kind) == 1);
}

TEST_CASE("writer: a damaged file is nothing this process can mend") {
  MemorySpool spool{stream};
  Bench bench{spool};
  spool.fail_with(Error{Errc::corrupt, "database disk image is malformed"});
  bench.put(ordinary());
  REQUIRE(bench.writer.broken().has_value());
  CHECK(bench.writer.broken()->code == Errc::corrupt);
}
