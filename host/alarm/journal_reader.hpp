#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "host/alarm/alarm.hpp"
#include "proto/base/result.hpp"
#include "proto/store/sqlite_database.hpp"

namespace davy {

// Questions to the journal, over a connection of its own (read_only will do) to the database that Journal
// made. One thread. `only` no_point asks for all points and gateways.
class JournalReader {
 public:
  // `db` outlives the reader.
  static Result<JournalReader> open(SqliteDatabase& db);
  ~JournalReader();
  JournalReader(JournalReader&&) noexcept;
  JournalReader& operator=(JournalReader&&) noexcept;

  // Oldest first, those numbered above `after`.
  Result<std::vector<JournalEntry>> after(std::uint64_t after, std::size_t limit, HostPointId only);
  // The last `limit` of them, oldest first.
  Result<std::vector<JournalEntry>> newest(std::size_t limit, HostPointId only);
  // Checks numbers and hashes of every row; corrupt names the first that does not fit. Reads the whole
  // journal.
  Result<std::uint64_t> verify();

 private:
  struct Statements;
  explicit JournalReader(std::unique_ptr<Statements> statements);
  std::unique_ptr<Statements> statements_;
};

}  // namespace davy
