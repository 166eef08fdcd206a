#include "host/history/block_store.hpp"

#include <random>
#include <set>

#include <doctest/doctest.h>

#include "host/history/schema.hpp"
#include "host/history/trend_buckets.hpp"
#include "proto/wire/hash.hpp"
#include "tests/support/temp_folder.hpp"

using namespace davy;

namespace {

constexpr WallTime noon{Duration{1'800'000'000'000}};
constexpr StreamId stream{1};

struct Store {
  explicit Store(const std::string& path, const std::string& mine = "north") {
    auto opened = SqliteDatabase::open({.path = path});
    REQUIRE(opened);
    db = std::make_unique<SqliteDatabase>(std::move(*opened));
    auto made = BlockStore::open(*db, mine, noon);
    if (made) {
      store = std::move(*made);
    } else {
      error = made.error();
    }
  }
  bool commit(const Batch& batch) {
    auto transaction = SqliteTransaction::begin(*db);
    REQUIRE(transaction);
    if (auto written = store->write(batch); written && transaction->commit()) return true;
    store->undo(batch);
    return false;
  }

  std::unique_ptr<SqliteDatabase> db;
  std::unique_ptr<BlockStore> store;
  Error error{};
};

BlockRow block(std::uint64_t seq, StreamId in = stream) {
  const WallTime at = noon + Duration{static_cast<std::int64_t>(seq) * 1000};
  return {.stream = in,
          .seq = Seq{seq},
          .gateway = GatewayId{1},
          .birth = BirthId{1},
          .received = at,
          .from = at,
          .to = at + Duration{999},
          .envelope = "block " + std::to_string(seq)};
}

Batch blocks(std::initializer_list<std::uint64_t> seqs) {
  Batch batch;
  for (const auto seq : seqs) batch.blocks.push_back(block(seq));
  return batch;
}

std::set<std::pair<std::int64_t, std::int64_t>> ledger_rows(SqliteDatabase& db) {
  auto rows = db.prepare("SELECT first, last FROM ledger");
  REQUIRE(rows);
  std::set<std::pair<std::int64_t, std::int64_t>> out;
  while (*rows->step()) out.emplace(rows->number(0), rows->number(1));
  return out;
}

}  // namespace

TEST_CASE("block store: the ledger in the file is always the fewest ranges, whatever the order of arrival") {
  const TempFolder folder;
  Store s{folder.file("h.db")};
  std::mt19937 random{11};
  std::vector<std::uint64_t> seqs;
  for (std::uint64_t seq = 1; seq <= 300; ++seq) seqs.push_back(seq);
  std::shuffle(seqs.begin(), seqs.end(), random);
  std::set<std::uint64_t> plain;
  for (std::size_t i = 0; i < seqs.size();) {
    Batch batch;
    for (auto n = 1 + random() % 9; n > 0 && i < seqs.size(); --n) batch.blocks.push_back(block(seqs[i++]));
    REQUIRE(s.commit(batch));
    for (const BlockRow& row : batch.blocks) plain.insert(to_number(row.seq));
    std::set<std::pair<std::int64_t, std::int64_t>> expected;
    for (const Range& r : s.store->received(stream).ranges()) expected.emplace(r.first, r.last);
    REQUIRE(ledger_rows(*s.db) == expected);
    for (std::uint64_t n = 1; n <= 300; ++n)
      REQUIRE(s.store->received(stream).contains(n) == plain.contains(n));
  }
  CHECK(s.store->received(stream).range_count() == 1);
}

TEST_CASE("block store: what was rolled back is not in the ledger, and can come again") {
  const TempFolder folder;
  Store s{folder.file("h.db")};
  REQUIRE(s.commit(blocks({1, 2})));
  const auto pages = s.db->query_number("PRAGMA page_count");
  REQUIRE(pages);
  REQUIRE(s.db->run("PRAGMA max_page_count=" + std::to_string(*pages)));
  Batch big = blocks({3, 4});
  big.blocks.front().envelope.assign(200'000, 'x');
  REQUIRE_FALSE(s.commit(big));
  CHECK_FALSE(s.store->received(stream).contains(3));
  CHECK(s.store->received(stream).contains(2));
  REQUIRE(s.db->run("PRAGMA max_page_count=1000000"));
  REQUIRE(s.commit(big));
  CHECK(s.store->received(stream).ranges() == std::vector<Range>{{1, 4}});
}

TEST_CASE("block store: names, ledger and losses are there again after a restart") {
  const TempFolder folder;
  const Uuid uuid{1, 2, 3};
  const Hash hash = hash_of("birth");
  {
    Store s{folder.file("h.db")};
    Batch batch = blocks({2, 3, 7});
    batch.gateways.push_back({.id = GatewayId{1}, .name = "g1", .birth = BirthId{1}, .quarantined = 4});
    batch.streams.push_back({stream, GatewayId{1}, uuid, noon});
    batch.births.push_back({BirthId{1}, GatewayId{1}, hash, noon, "birth"});
    batch.points.push_back({HostPointId{1}, GatewayId{1}, "T0", BirthId{1}, 5});
    batch.lost.push_back({stream, {5, 6}, "spool was full", noon});
    batch.clocks.push_back({GatewayId{1}, 0xFFFFFFFFFFFFFFFFULL, Duration{-5}, noon});
    REQUIRE(s.commit(batch));
  }
  Store s{folder.file("h.db")};
  CHECK(s.store->received(stream).ranges() == std::vector<Range>{{2, 3}, {7, 7}});
  CHECK(s.store->lost(stream).ranges() == std::vector<Range>{{5, 6}});
  CHECK(s.store->missing_count(stream) == 2);  // 1 and 4
  const auto all = s.store->load();
  REQUIRE(all);
  REQUIRE(all->gateways.size() == 1);
  CHECK(all->gateways[0].birth == BirthId{1});
  CHECK(all->gateways[0].quarantined == 4);
  REQUIRE(all->streams.size() == 1);
  CHECK(all->streams[0].uuid == uuid);
  REQUIRE(all->points.size() == 1);
  CHECK(all->points[0].position == 5);
  REQUIRE(all->births.size() == 1);
  CHECK(all->births[0].hash == hash);
  REQUIRE(all->clocks.size() == 1);
  CHECK(all->clocks[0].boot == 0xFFFFFFFFFFFFFFFFULL);
  CHECK(s.store->envelope(stream, Seq{7}).value() == "block 7");
  CHECK_FALSE(s.store->envelope(stream, Seq{8}).value().has_value());
  CHECK(s.store->birth(hash).value()->message == "birth");
}

TEST_CASE("block store: the same rubbish again is counted, and a flood of rubbish does not fill the disk") {
  const TempFolder folder;
  Store s{folder.file("h.db")};
  const auto rubbish = [](const std::string& bytes) {
    Batch batch;
    batch.quarantine.push_back({.gateway = "g1",
                                .hash = hash_of(bytes),
                                .topic = "t",
                                .reason = "r",
                                .received = noon,
                                .bytes = bytes});
    return batch;
  };
  REQUIRE(s.commit(rubbish(std::string(100'000, 'x'))));
  REQUIRE(s.commit(rubbish(std::string(100'000, 'x'))));
  CHECK(s.db->query_number("SELECT count FROM quarantine") == 2);
  CHECK(s.db->query_number("SELECT length(bytes) FROM quarantine") == std::int64_t{quarantine_bytes_max});
  for (std::size_t i = 0; i < quarantine_rows_max + 20; ++i) REQUIRE(s.commit(rubbish(std::to_string(i))));
  CHECK(s.db->query_number("SELECT count(*) FROM quarantine") == std::int64_t{quarantine_rows_max});
}

TEST_CASE("history schema: refuses what it cannot read, and says why") {
  const TempFolder folder;
  const std::string path = folder.file("h.db");
  SUBCASE("another mine") {
    { const Store s{path, "north"}; }
    const Store other{path, "south"};
    CHECK(other.error.code == Errc::bad_config);
    CHECK(other.error.message.find("north") != std::string::npos);
  }
  SUBCASE("a newer davy-host made it") {
    { const Store s{path}; }
    { REQUIRE(SqliteDatabase::open({.path = path})->run("UPDATE meta SET value='2' WHERE key='schema'")); }
    const Store newer{path};
    CHECK(newer.error.code == Errc::bad_config);
    CHECK(newer.error.message.find("schema 2") != std::string::npos);
  }
  SUBCASE("somebody else's database") {
    { REQUIRE(SqliteDatabase::open({.path = path})->run("CREATE TABLE t(x)")); }
    const Store foreign{path};
    CHECK(foreign.error.code == Errc::corrupt);
  }
}

TEST_CASE("trend buckets: agree with brute force") {
  std::mt19937_64 random{3};
  for (int round = 0; round < 200; ++round) {
    const std::int64_t span = 1 + static_cast<std::int64_t>(random() % 5000);
    const std::size_t count = 1 + random() % 50;
    TrendBuckets sorted{noon, noon + Duration{span}, count};
    std::vector<HistorySample> samples;
    for (auto n = random() % 300; n > 0; --n) {
      HistorySample sample{noon + Duration{static_cast<std::int64_t>(random()) & 0x7FFFFFFF} % span, 0, {}};
      sample.quality.validity = static_cast<Validity>(random() % 5);
      sample.value = static_cast<double>(random() % 1000) / 8;
      samples.push_back(sample);
      sorted.add(sample);
    }
    const auto buckets = sorted.take();
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const WallTime end = i + 1 < buckets.size() ? buckets[i + 1].start : noon + Duration{span};
      TrendBucket expected{.start = buckets[i].start, .worst = Validity::not_read};
      double sum = 0;
      bool seen = false;
      for (const HistorySample& sample : samples) {
        if (sample.at < expected.start || sample.at >= end) continue;
        expected.worst = seen ? std::max(expected.worst, sample.quality.validity) : sample.quality.validity;
        seen = true;
        if (!has_value(sample.quality.validity)) continue;
        expected.min = expected.count == 0 ? sample.value : std::min(expected.min, sample.value);
        expected.max = expected.count == 0 ? sample.value : std::max(expected.max, sample.value);
        sum += sample.value;
        ++expected.count;
      }
      REQUIRE(buckets[i].count == expected.count);
      REQUIRE(buckets[i].worst == expected.worst);
      if (expected.count == 0) continue;
      REQUIRE(buckets[i].min == expected.min);
      REQUIRE(buckets[i].max == expected.max);
      REQUIRE(buckets[i].mean == doctest::Approx(sum / static_cast<double>(expected.count)));
    }
  }
}
