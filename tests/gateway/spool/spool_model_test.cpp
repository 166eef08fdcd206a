#include <fstream>
#include <map>
#include <random>

#include <doctest/doctest.h>

#include "tests/gateway/spool/spool_samples.hpp"
#include "tests/sim/sqlite_sim_disk.hpp"

using namespace davy;
using namespace davy::test;

// The spool against a plain map, with the power going at random instants, also in the middle of a commit.

namespace {

struct World {
  explicit World(std::uint64_t seed) : random{seed}, disk{"spool-model-" + std::to_string(seed), seed} {}

  std::uint64_t below(std::uint64_t n) { return random() % n; }

  void start() {
    spool.reset();
    auto opened = SqliteSpool::open(options(), noon);
    if (!opened) FAIL(opened.error().message);
    spool = std::move(opened->spool);
    CHECK_FALSE(opened->replaced);
  }

  SpoolOptions options() const {
    return {
        .path = "spool.db", .gateway = "g1", .bytes_max = 600 * 1024, .vfs = disk.vfs(), .new_stream = [] {
          return uuid_of(9);
        }};
  }

  // What is in the spool has to be what the model says; `doubtful` is a call that failed: it may have
  // happened.
  void compare(const std::map<std::uint64_t, bool>& without, const std::map<std::uint64_t, bool>& with) {
    const auto blocks = spool->read({1, UINT64_MAX}, 1'000'000);
    REQUIRE(blocks);
    std::map<std::uint64_t, bool> found;
    for (const auto& block : *blocks) {
      const auto seq = to_number(block.seq);
      CHECK(block.envelope == block_of(seq, size_of(seq)).envelope);
      found[seq] = kept(seq);
    }
    CHECK((found == without || found == with));
    blocks_there = std::move(found);
    std::uint64_t bytes = 0;
    for (const auto& [seq, keep] : blocks_there) bytes += size_of(seq);
    CHECK(spool->state().blocks == blocks_there.size());
    CHECK(spool->state().bytes == bytes);
    CHECK(spool->state().oldest_seq == (blocks_there.empty() ? 0 : blocks_there.begin()->first));
  }

  static std::size_t size_of(std::uint64_t seq) {
    return static_cast<std::size_t>(60 + seq * 7919 % (seq % 50 == 0 ? 9000 : 1500));
  }
  static bool kept(std::uint64_t seq) { return seq % 11 == 0; }

  std::mt19937_64 random;
  sim::SimDisk disk;
  std::unique_ptr<SqliteSpool> spool;
  std::map<std::uint64_t, bool> blocks_there;
  std::uint64_t next_seq = 1;
  RangeSet dropped;  // on record
  RangeSet released;
};

// One random call. False when the power went during it.
bool act(World& w) {
  const auto what = w.below(100);
  auto after = w.blocks_there;
  Status done;
  RangeSet released = w.released;
  RangeSet dropped = w.dropped;
  std::uint64_t next = w.next_seq;
  if (what < 70) {
    after[next] = World::kept(next);
    done = w.spool->append(block_of(next, World::size_of(next)), World::kept(next), noon);
    ++next;
  } else if (what < 85) {
    std::vector<Range> ranges;
    for (auto n = w.below(3) + 1; n > 0; --n) {
      const auto first = 1 + w.below(w.next_seq + 5);
      ranges.push_back({first, first + w.below(20)});
      std::erase_if(after, [&](const auto& b) {
        return b.first >= ranges.back().first && b.first <= ranges.back().last;
      });
    }
    done = w.spool->release(ranges);
  } else if (what < 90) {
    const auto thinned = w.spool->thin(noon);
    if (!thinned) done = fail(thinned.error());
    if (thinned) {
      for (const auto& record : *thinned) {
        dropped.add(record.seqs);
        std::erase_if(after, [&](const auto& b) {
          return b.first >= record.seqs.first && b.first <= record.seqs.last;
        });
      }
    }
  } else if (what < 92 && !w.dropped.empty()) {
    const auto some = w.dropped.ranges()[static_cast<std::size_t>(w.below(w.dropped.range_count()))];
    done = w.spool->record_delivered({{some, ""}});
    dropped.remove(some);
  } else if (what < 94) {
    const auto birth = std::to_string(w.below(3));
    done = w.spool->put_birth(hash_of(birth), birth);
  } else {
    w.start();
  }
  if (done) {
    w.compare(after, after);
    w.next_seq = next;
    w.dropped = dropped;
    CHECK(w.spool->state().next_seq == next);
    return true;
  }
  CHECK(done.error().code == Errc::unavailable);
  return false;
}

void run(std::uint64_t seed) {
  CAPTURE(seed);
  World w{seed};
  w.start();
  for (int power_cut = 0; power_cut < 6; ++power_cut) {
    w.disk.power_loss_at(1 + w.below(1500));
    const auto before_all = w.next_seq;
    bool alive = true;
    for (int i = 0; i < 400 && alive; ++i) alive = act(w);
    w.disk.power_loss_at(0);
    if (alive) w.disk.power_loss();
    const auto before = w.blocks_there;
    const auto next_before = w.next_seq;
    w.start();

    // The last call may have reached the disk or not; everything before it has.
    const auto state = w.spool->state();
    CHECK(state.next_seq >= next_before);
    CHECK(state.next_seq <= next_before + 1);
    CHECK(state.next_seq >= before_all);
    if (state.next_seq > 1) {
      const auto last = state.next_seq - 1;
      CHECK(state.previous == block_of(last, World::size_of(last)).hash);
    }
    const auto blocks = w.spool->read({1, UINT64_MAX}, 1'000'000);
    REQUIRE(blocks);
    RangeSet there;
    for (const auto& block : *blocks) {
      const auto seq = to_number(block.seq);
      CHECK(block.envelope == block_of(seq, World::size_of(seq)).envelope);
      CHECK((before.contains(seq) || seq == next_before));
      there.add(seq);
    }
    const auto records = w.spool->undelivered_records();
    REQUIRE(records);
    RangeSet recorded;
    for (const auto& record : *records) recorded.add(record.seqs);
    // What is missing was dropped on record, or belongs to a release that was cut short at its return.
    for (const auto& [seq, keep] : before) {
      if (!there.contains(seq) && alive) CHECK(recorded.contains(seq));
      CHECK_FALSE((there.contains(seq) && recorded.contains(seq)));
    }
    w.next_seq = state.next_seq;
    w.dropped = recorded;
    w.blocks_there.clear();
    for (const auto& block : *blocks) w.blocks_there[to_number(block.seq)] = true;
    for (auto& [seq, keep] : w.blocks_there) keep = World::kept(seq);
  }
}

}  // namespace

TEST_CASE("spool model: whatever happens to the power, the spool is what its calls said it is") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) run(seed);
}

TEST_CASE("spool: a full disk is an error that passes, and costs nothing that was stored") {
  sim::SimDisk disk{"spool-full", 1};
  const SpoolOptions options{.path = "spool.db", .gateway = "g1", .vfs = disk.vfs()};
  auto opened = SqliteSpool::open(options, noon);
  REQUIRE(opened);
  auto& spool = *opened->spool;
  disk.set_full(true);
  Status done;
  std::uint64_t stored = 0;
  while (stored < 20'000 && (done = spool.append(block_of(spool.state().next_seq), false, noon))) ++stored;
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::full);
  CHECK(done.error().message.find("spool") != std::string::npos);
  CHECK(spool.state().next_seq == stored + 1);
  disk.set_full(false);
  REQUIRE(spool.append(block_of(spool.state().next_seq), false, noon));
  CHECK(spool.read({1, UINT64_MAX}, 100'000)->size() == stored + 1);
}

TEST_CASE("spool: what a block costs the flash") {
  constexpr std::uint64_t blocks = 1000;
  const auto written = [] {  // bytes handed to write(), by this process
    std::uint64_t count = 0;
    std::string key;
    std::ifstream io{"/proc/self/io"};
    while (io >> key >> count && key != "wchar:") continue;
    return count;
  };
  struct Row {
    std::size_t size;
    bool connected;  // the host acks every two seconds
    std::uint64_t bytes_max;
  };
  constexpr Row rows[] = {{450, true, 4400}, {450, false, 3300}, {2700, true, 11000}, {2700, false, 9000}};
  for (const Row& row : rows) {
    const Folder folder;
    auto opened = SqliteSpool::open({.path = folder.file("spool.db"), .gateway = "g1"}, noon);
    REQUIRE(opened);
    auto& spool = *opened->spool;
    const auto before = written();
    for (std::uint64_t seq = 1; seq <= blocks; ++seq) {
      REQUIRE(spool.append(block_of(seq, row.size), false, noon));
      REQUIRE(spool.thin(noon));
      if (row.connected && seq % 2 == 0) REQUIRE(spool.release({{seq - 1, seq}}));
    }
    const auto per_block = (written() - before) / blocks;
    MESSAGE(std::string{row.connected ? "connected" : "cut off"}, ": ", per_block,
            " bytes written for a block of ", row.size);
    CHECK(per_block < row.bytes_max);
  }
}
