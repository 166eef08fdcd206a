// What must be true after any life, checked against witnesses that no crash can reach: the truth about the
// air, and the record of every block that a spool accepted.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "host/alarm/journal_reader.hpp"
#include "proto/wire/block_codec.hpp"
#include "proto/wire/hash.hpp"
#include "tests/sim/world.hpp"

namespace davy::sim {
namespace {

constexpr std::size_t listed_max = 5;  // of one kind; the rest is counted

// Sentences about one promise: the first few in words.
class Complaints {
 public:
  Complaints(std::vector<std::string>& out, std::string what) : out_{out}, what_{std::move(what)} {}
  ~Complaints() {
    if (count_ > listed_max) out_.push_back(what_ + ": " + std::to_string(count_) + " in all");
  }
  void add(const std::string& which) {
    if (++count_ <= listed_max) out_.push_back(what_ + ": " + which);
  }

 private:
  std::vector<std::string>& out_;
  std::string what_;
  std::size_t count_ = 0;
};

std::string name_of(const SpoolRecord::Key& key) {
  return to_text(key.first) + "/" + std::to_string(key.second);
}

struct StoredRow {
  std::string envelope;
  int times = 0;
};

// Everything in the host's block table, by (stream, seq).
std::map<SpoolRecord::Key, StoredRow> history_of(SqliteDatabase& db) {
  std::map<SpoolRecord::Key, StoredRow> rows;
  auto select = db.prepare("SELECT envelope FROM block");
  BlockDecoder decoder;
  while (select && select->step().value_or(false)) {
    const std::string envelope{select->blob(0)};
    const auto block = decoder.decode(envelope);
    if (!block) continue;  // counted as missing below
    StoredRow& row = rows[{block->header.stream, to_number(block->header.seq)}];
    row.envelope = envelope;
    ++row.times;
  }
  return rows;
}

// When was the alarm of this point up, by its journal? Late finds count from raising to clearing like the
// others. Each occurrence clears for itself: a late one that is over says nothing about one that stands.
struct Up {
  std::string occurrence;
  WallTime from;
  std::optional<WallTime> to;
};
using UpByName = std::map<std::string, std::vector<Up>>;

void follow(UpByName& up, const JournalEntry& entry) {
  if (entry.alarm.source != AlarmSource::limit) return;
  auto& spans = up[entry.alarm.name];
  switch (entry.kind) {
    case Transition::raised:
    case Transition::reraised:
    case Transition::late_raised: spans.push_back({entry.alarm.occurrence, entry.at, std::nullopt}); break;
    case Transition::cleared:
    case Transition::late_cleared:
      for (Up& span : spans) {
        if (span.occurrence == entry.alarm.occurrence && !span.to) span.to = entry.at;
      }
      break;
    case Transition::unknown:
    case Transition::acknowledged:
    case Transition::note: break;
  }
}

}  // namespace

std::vector<std::string> World::broken_promises() {
  std::vector<std::string> broken;
  host_.power_loss();  // what is on disk now is what counts
  check_history(broken);
  check_gaps(broken);
  check_alarms(broken);
  for (const auto& gateway : gateways_) {
    const auto& complaints = gateway->witness().complaints();
    broken.insert(broken.end(), complaints.begin(), complaints.end());
    say(gateway->name() + ": power came " + std::to_string(gateway->witness().feeds_seen()) +
        " times and was cut " + std::to_string(gateway->witness().cuts_seen()) + " times");
  }
  return broken;
}

void World::check_history(std::vector<std::string>& broken) {
  auto db = SqliteDatabase::open(host_.database());
  if (!db) return broken.push_back("history cannot be opened: " + db.error().message);
  const auto rows = history_of(*db);
  Complaints missing{broken, "reached a spool but not the history"};
  Complaints changed{broken, "is not byte for byte what the spool held"};
  Complaints twice{broken, "is in the history twice"};
  Complaints foreign{broken, "is in the history but never reached a spool"};
  std::set<SpoolRecord::Key> known;
  for (const auto& gateway : gateways_) {
    const SpoolRecord& record = gateway->record();
    for (const auto& [key, envelope] : record.kept) {
      known.insert(key);
      const auto row = rows.find(key);
      if (row == rows.end()) {
        if (!record.dropped.contains(key)) missing.add(name_of(key));
        continue;
      }
      if (row->second.envelope != envelope) changed.add(name_of(key));
    }
    for (const auto& [key, envelope] : record.doubtful) known.insert(key);
  }
  for (const auto& [key, row] : rows) {
    if (row.times != 1) twice.add(name_of(key));
    if (!known.contains(key)) foreign.add(name_of(key));
  }
}

void World::check_gaps(std::vector<std::string>& broken) {
  auto db = SqliteDatabase::open(host_.database());
  if (!db) return;
  Complaints unreported{broken, "a hole in the ledger that nobody declared lost"};
  auto select = db->prepare(
      "SELECT s.uuid, l.first, l.last, max(l.last) OVER (PARTITION BY l.stream), "
      "lag(l.last) OVER (PARTITION BY l.stream ORDER BY l.first) FROM ledger l JOIN stream s ON s.id = "
      "l.stream "
      "ORDER BY l.stream, l.first");
  while (select && select->step().value_or(false)) {
    const auto first = static_cast<std::uint64_t>(select->number(1));
    const auto before = select->is_null(4) ? 0 : static_cast<std::uint64_t>(select->number(4));
    for (auto seq = before + 1; seq < first; ++seq) {
      Uuid stream{};
      std::ranges::copy(select->blob(0), reinterpret_cast<char*>(stream.data()));
      const bool declared = std::ranges::any_of(gateways_, [&](const auto& g) {
        return g->record().dropped.contains({stream, seq});
      });
      if (!declared) unreported.add(to_text(stream) + "/" + std::to_string(seq));
    }
  }
}

void World::check_alarms(std::vector<std::string>& broken) {
  auto db = SqliteDatabase::open(host_.database());
  if (!db) return;
  auto reader = JournalReader::open(*db);
  if (!reader) return broken.push_back("journal cannot be read: " + reader.error().message);
  const auto entries = reader->after(0, SIZE_MAX, no_point);
  if (!entries) return broken.push_back("journal cannot be read: " + entries.error().message);
  UpByName up;
  for (const JournalEntry& entry : *entries) {
    follow(up, entry);
    say("journal " + std::to_string(entry.seq) + " " + entry.alarm.name + " " +
        to_string(entry.alarm.source) + " " + to_string(entry.kind) + " at " +
        std::to_string(to_ms(entry.at - true_wall(SteadyTime{}).time_since_epoch())));
  }

  Complaints unseen{broken, "a hazard that was measured and raised no alarm"};
  for (const auto& gateway : gateways_) {
    // With a touched clock, times in the journal are estimates; whether it was raised at all still counts.
    const bool exact = !gateway->clock_was_touched();
    for (std::size_t i = 0; i < gateway->truth().size(); ++i) {
      const TruePoint& point = gateway->truth()[i];
      const auto& spans = up[point.name()];
      for (const Hazard& hazard : gateway->measured_hazards(i)) {
        const WallTime from = true_wall(hazard.from) - 2 * plan_.period;
        const WallTime to = true_wall(hazard.to) + 2 * plan_.period;
        const bool seen = std::ranges::any_of(
            spans, [&](const Up& s) { return !exact || (s.from <= to && (!s.to || *s.to >= from)); });
        if (!seen) unseen.add(point.name() + " at " + std::to_string(to_ms(hazard.from)));
      }
    }
  }
  // Every transition a page was told of is in the journal: an alarm never exists on a screen only.
  Complaints unwritten{broken, "was told to the pages and is not in the journal"};
  std::map<std::uint64_t, std::string> written;
  for (const JournalEntry& entry : *entries) written[entry.seq] = entry.alarm.occurrence;
  for (const JournalEntry& told : host_.told()) {
    if (written[told.seq] != told.alarm.occurrence) unwritten.add(told.alarm.occurrence);
  }
}

Hash World::fingerprint() {
  std::string all;
  auto db = SqliteDatabase::open(host_.database());
  if (!db) return {};
  auto blocks = db->prepare("SELECT id, received_ms, envelope FROM block ORDER BY id");
  while (blocks && blocks->step().value_or(false)) {
    all += std::to_string(blocks->number(0)) + ":" + std::to_string(blocks->number(1)) + ":";
    all += blocks->blob(2);
  }
  for (const JournalEntry& entry : host_.told()) {
    all += std::to_string(entry.seq) + to_string(entry.kind) + entry.alarm.occurrence +
           std::to_string(to_ms(entry.at));
  }
  return hash_of(all);
}

}  // namespace davy::sim
