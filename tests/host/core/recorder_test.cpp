#include "host/core/recorder.hpp"

#include <doctest/doctest.h>

#include "proto/base/manual_clock.hpp"
#include "tests/support/temp_folder.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

struct Desk {
  Desk() {
    auto opened = SqliteDatabase::open({.path = folder.file("h.db")});
    REQUIRE(opened);
    db = std::make_unique<SqliteDatabase>(std::move(*opened));
    store = std::move(*BlockStore::open(*db, "north", clock.wall()));
    journal.emplace(std::move(*Journal::open(*db)));
    recorder.emplace(*db, *store, *journal, staging);
  }
  void stage(std::uint64_t seq, std::size_t size) {
    staging.add(BlockRow{.stream = StreamId{1}, .seq = Seq{seq}, .envelope = std::string(size, 'x')});
  }
  void raise() {
    JournalEntry entry;
    entry.seq = ++seq_;
    entry.alarm.occurrence = "alarm " + std::to_string(seq_);
    entry.alarm.seq = entry.seq;
    recorder->add({entry});
  }
  std::vector<BlockRow> step() {
    clock.advance(Recorder::retry_wait);
    return recorder->step(read(clock));
  }
  std::int64_t count(const char* table) {
    return db->query_number(std::string{"SELECT count(*) FROM "} + table).value_or(-1);
  }
  void fill_up() {
    const auto pages = db->query_number("PRAGMA page_count").value_or(0);
    REQUIRE(db->run("PRAGMA max_page_count=" + std::to_string(pages)));
  }

  TempFolder folder;
  ManualClock clock;
  std::unique_ptr<SqliteDatabase> db;
  std::unique_ptr<BlockStore> store;
  std::optional<Journal> journal;
  Staging staging;
  std::optional<Recorder> recorder;
  std::uint64_t seq_ = 0;
};

}  // namespace

TEST_CASE("recorder: blocks and journal go together, and only then are blocks given back") {
  Desk d;
  CHECK(d.step().empty());
  d.stage(1, 100);
  d.raise();
  CHECK(d.step().size() == 1);
  CHECK(d.staging.empty());
  CHECK(d.recorder->recorded_seq() == 1);
  CHECK(d.count("block") == 1);
  CHECK(d.count("alarm_journal") == 1);
  CHECK(d.step().empty());
}

TEST_CASE("recorder: without room the journal is recorded, blocks wait and come in the end") {
  Desk d;
  d.stage(1, 100);
  d.raise();
  CHECK(d.step().size() == 1);
  d.fill_up();
  d.stage(2, 200'000);
  d.raise();
  CHECK(d.step().empty());
  REQUIRE(d.recorder->failure());
  CHECK(d.recorder->failure()->code == Errc::full);
  CHECK(d.count("alarm_journal") == 2);
  CHECK(d.recorder->recorded_seq() == 2);
  CHECK_FALSE(d.store->received(StreamId{1}).contains(2));
  CHECK(d.staging.has(StreamId{1}, Seq{2}));
  d.raise();
  CHECK(d.recorder->step(read(d.clock)).empty());  // not before the wait is over
  CHECK(d.count("alarm_journal") == 2);
  CHECK(d.recorder->next_due() <= d.clock.steady() + Recorder::retry_wait);
  REQUIRE(d.db->run("PRAGMA max_page_count=1000000"));
  CHECK(d.step().size() == 1);
  CHECK_FALSE(d.recorder->failure());
  CHECK(d.count("alarm_journal") == 3);
  CHECK(d.store->received(StreamId{1}).contains(2));
  CHECK(d.recorder->next_due() == never);
}

TEST_CASE("recorder: of an alarm's peaks only the newest is kept for later") {
  Desk d;
  d.raise();
  CHECK(d.step().empty());
  for (const double peak : {1.5, 2.5}) {
    Alarm alarm{.occurrence = "alarm 1"};
    alarm.value = peak;
    alarm.peak = peak;
    d.recorder->add_peaks({alarm});
  }
  CHECK(d.step().empty());
  CHECK(d.db->query_number("SELECT peak * 10 FROM alarm_standing") == 25);
}
