#include "host/alarm/journal.hpp"

#include <cmath>
#include <filesystem>
#include <random>

#include <doctest/doctest.h>
#include <unistd.h>

#include "host/alarm/journal_reader.hpp"
#include "tests/host/alarm/alarm_scene.hpp"

using namespace davy;

namespace {

struct Folder {
  Folder() {
    std::string name = "/tmp/davy-journal-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  SqliteOptions options() const { return {.path = path + "/host.db"}; }
  std::string path;
};

std::string text(const Alarm& a) {
  const auto time = [](const std::optional<WallTime>& t) { return t ? std::to_string(to_ms(*t)) : "-"; };
  const auto real = [](double v) { return std::isnan(v) ? std::string{"-"} : std::to_string(v); };
  return a.occurrence + "|" + std::to_string(a.seq) + "|" + to_string(a.source) + "|" + a.kind + "|" +
         std::to_string(to_number(a.point)) + "|" + a.name + "|" + a.gateway + "|" +
         std::string{to_string(a.level)} + "|" + to_string(a.side) + "|" + real(a.at) + "|" +
         std::to_string(a.priority) + "|" + to_string(a.state) + "|" + to_string(a.condition) + "|" +
         time(a.raised) + "|" + time(a.cleared) + "|" + time(a.acked) + "|" + a.acked_by + "|" + a.comment +
         "|" + real(a.peak) + "|" + a.reason;
}

std::string text(const std::vector<Alarm>& alarms) {
  std::string all;
  for (const Alarm& a : alarms) all += text(a) + "\n";
  return all;
}

Status commit(SqliteDatabase& db, Journal& journal, AlarmBook& book) {
  auto transaction = SqliteTransaction::begin(db);
  if (!transaction) return fail(transaction.error());
  if (auto done = journal.append(book.take_changes()); !done) return done;
  if (auto done = journal.refresh(book.take_peaks()); !done) return done;
  return transaction->commit();
}

std::vector<Alarm> by_raised(std::vector<Alarm> alarms) {
  AlarmBook book{AlarmBookTimes{}};
  book.restore(std::move(alarms), 0);
  return book.standing();
}

}  // namespace

TEST_CASE("journal: what stood at the last commit stands after reopening, at every point of a long story") {
  const Folder folder;
  std::mt19937 random{7};
  AlarmScene s{AlarmScene::methane({AlarmScene::high(LimitState::alarm, 1.0, 0.9, 2000, 2000),
                                    AlarmScene::high(LimitState::cut, 1.5, 1.0, 0, 0, 1)})};
  auto db = SqliteDatabase::open(folder.options());
  REQUIRE(db);
  auto journal = Journal::open(*db);
  REQUIRE(journal);
  std::uint64_t seq = 0;
  for (int i = 0; i < 300; ++i) {
    const Quality quality{random() % 4 ? Validity::good : static_cast<Validity>(random() % 7)};
    const double value = has_value(quality.validity) ? static_cast<double>(random() % 20) / 10 : std::nan("");
    s.clock.advance(Duration{static_cast<int>(random() % 4000)});
    s.read_value(value, quality);
    for (const Alarm& a : s.book.standing()) {
      if (random() % 5 == 0)
        static_cast<void>(s.book.acknowledge(a.occurrence, a.seq, "li", "say \"hi\"\n一", s.now()));
    }
    REQUIRE(commit(*db, *journal, s.book));
    // A second connection sees only what is committed, as a process after kill -9 does.
    auto other = SqliteDatabase::open(folder.options());
    REQUIRE(other);
    auto reopened = Journal::open(*other);
    REQUIRE(reopened);
    const auto state = reopened->load();
    REQUIRE(state);
    REQUIRE(text(by_raised(state->standing)) == text(s.book.standing()));
    seq = state->last_seq;
  }
  CHECK(seq > 50);
  auto reader = JournalReader::open(*db);
  REQUIRE(reader);
  CHECK(reader->verify() == seq);
}

TEST_CASE("journal: rolled back entries may be appended again") {
  const Folder folder;
  auto db = SqliteDatabase::open(folder.options());
  REQUIRE(db);
  auto journal = Journal::open(*db);
  REQUIRE(journal);
  AlarmScene s;
  s.read_value(1.2);
  const auto entries = s.book.take_changes();
  {
    auto transaction = SqliteTransaction::begin(*db);
    REQUIRE(journal->append(entries));
  }
  CHECK(journal->load()->standing.empty());
  CHECK(journal->load()->last_seq == 0);
  CHECK(journal->append(entries));
  CHECK(journal->load()->standing.size() == 1);
  SUBCASE("but not twice") { CHECK(journal->append(entries).error().code == Errc::bad_data); }
  SUBCASE("and not with a hole") {
    auto far = entries;
    far[0].seq = 7;
    CHECK(journal->append(far).error().code == Errc::bad_data);
  }
}

TEST_CASE("journal: rows are never changed or deleted, and whoever does it by force is found out") {
  const Folder folder;
  auto db = SqliteDatabase::open(folder.options());
  REQUIRE(db);
  auto journal = Journal::open(*db);
  REQUIRE(journal);
  AlarmScene s;
  for (int i = 0; i < 5; ++i) {
    s.keep_reading(1.2, 1);
    s.keep_reading(0.2, 1);
  }
  REQUIRE(commit(*db, *journal, s.book));
  for (const char* sql : {"UPDATE alarm_journal SET user='x'", "DELETE FROM alarm_journal WHERE seq=10",
                          "INSERT OR REPLACE INTO alarm_journal SELECT * FROM alarm_journal WHERE seq=3",
                          "REPLACE INTO alarm_journal SELECT * FROM alarm_journal WHERE seq=10"}) {
    CAPTURE(sql);
    const auto done = db->run(sql);
    REQUIRE_FALSE(done);
    CHECK(done.error().message.find("the alarm journal") != std::string::npos);
  }
  auto reader = JournalReader::open(*db);
  REQUIRE(reader);
  CHECK(reader->verify() == 10);
  REQUIRE(db->run("DROP TRIGGER alarm_journal_no_update; DROP TRIGGER alarm_journal_no_delete"));
  SUBCASE("changed") {
    REQUIRE(db->run("UPDATE alarm_journal SET value=0.3 WHERE seq=4"));
    CHECK(reader->verify().error().message == "alarm journal: entry 4 was changed after it was written");
  }
  SUBCASE("deleted") {
    REQUIRE(db->run("DELETE FROM alarm_journal WHERE seq=4"));
    CHECK(reader->verify().error().message == "alarm journal: entry 4 is missing");
  }
}

TEST_CASE("journal: questions by sequence, by point and for the newest") {
  const Folder folder;
  auto db = SqliteDatabase::open(folder.options());
  REQUIRE(db);
  auto journal = Journal::open(*db);
  REQUIRE(journal);
  AlarmScene s;
  Point second = AlarmScene::methane();
  second.name = "N1202-T0";
  s.book.define(HostPointId{2}, "gw1", second, s.now());
  for (int i = 0; i < 10; ++i) {
    s.clock.advance(Duration{1000});
    s.read_value(i % 2 ? 0.1 : 1.2);
    s.book.on_live({HostPointId{2}, i % 2 ? 0.1 : 1.2, {}, s.clock.wall()}, s.now());
  }
  const auto written = s.book.take_changes();
  REQUIRE(written.size() == 20);
  REQUIRE(journal->append(written));
  auto reading = folder.options();
  reading.read_only = true;
  auto other = SqliteDatabase::open(reading);
  REQUIRE(other);
  auto reader = JournalReader::open(*other);
  REQUIRE(reader);
  const auto after = reader->after(5, 3, no_point);
  REQUIRE(after);
  REQUIRE(after->size() == 3);
  CHECK(after->front().seq == 6);
  for (const JournalEntry& entry : *after) {
    const JournalEntry& original = written[entry.seq - 1];
    CHECK(entry.kind == original.kind);
    CHECK(entry.at == original.at);
    CHECK(entry.recorded == original.recorded);
    CHECK(entry.comment == original.comment);
    CHECK(text(entry.alarm) == text(original.alarm));
  }
  const auto of_point = reader->after(0, 100, HostPointId{2});
  REQUIRE(of_point);
  CHECK(of_point->size() == 10);
  const auto newest = reader->newest(4, no_point);
  REQUIRE(newest);
  CHECK(newest->front().seq == 17);
  CHECK(newest->back().seq == 20);
  CHECK(reader->newest(4, HostPointId{1})->size() == 4);
  CHECK(reader->after(std::numeric_limits<std::uint64_t>::max(), 4, no_point)->empty());
}

TEST_CASE("journal: it tells when a standing alarm was last raised") {
  const Folder folder;
  auto db = SqliteDatabase::open(folder.options());
  REQUIRE(db);
  auto journal = Journal::open(*db);
  REQUIRE(journal);
  AlarmScene s;
  s.read_value(1.2);
  const Alarm first = s.only();
  REQUIRE(commit(*db, *journal, s.book));
  CHECK(journal->load()->since == std::map<std::string, WallTime>{{first.occurrence, first.raised}});
  s.keep_reading(0.2, 5);
  s.keep_reading(1.2, 1);
  s.keep_reading(1.2, 5);
  REQUIRE(commit(*db, *journal, s.book));
  const auto since = journal->load()->since;
  REQUIRE(since.size() == 1);
  CHECK(since.at(first.occurrence) == first.raised + Duration{6000});
}
