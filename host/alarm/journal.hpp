#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "proto/base/result.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

// Where every alarm transition is written, for ever, and what stands is kept over a restart: tables
// alarm_journal and alarm_standing of the core's database. Rows of the journal are never changed or deleted
// (triggers refuse), their numbers have no holes, and each carries a hash over itself and the row before, so
// that editing the file shows.
//
// append() and refresh() are called inside the caller's transaction, next to the blocks that caused the
// transitions; when that is rolled back, nothing of them is there and the same entries may be appended again.
// One thread, one connection.
class Journal {
 public:
  // Makes the tables when they are missing. `db` outlives the journal.
  static Result<Journal> open(SqliteDatabase& db);
  ~Journal();
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;

  struct State {
    std::vector<Alarm> standing;
    std::uint64_t last_seq = 0;
    std::map<std::string, WallTime> since;  // by occurrence: when its limit was last raised or raised again
  };
  // For AlarmBook::restore().
  Result<State> load();

  // AlarmBook::take_changes(), all of them, in order. bad_data: the numbers do not follow the last one in the
  // journal.
  Status append(std::span<const JournalEntry> entries);
  // AlarmBook::take_peaks(): keeps them; no row of the journal. Alarms that do not stand are passed over.
  Status refresh(std::span<const Alarm> alarms);

 private:
  struct Statements;
  explicit Journal(std::unique_ptr<Statements> statements);
  std::unique_ptr<Statements> statements_;
};

}  // namespace davy
