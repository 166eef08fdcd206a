#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "proto/store/sqlite_database.hpp"

namespace davy {

// Prepares several statements and keeps the first error, so that a class with many of them has one check to
// make.
class StatementMaker {
 public:
  explicit StatementMaker(SqliteDatabase& db) : db_{db} {}

  // Null after a failure: status() has to be checked before any of them is used.
  std::unique_ptr<SqliteStatement> make(std::string_view sql) {
    if (!status_) return nullptr;
    auto made = db_.prepare(sql);
    if (made) return std::make_unique<SqliteStatement>(std::move(*made));
    status_ = fail(made.error());
    return nullptr;
  }
  const Status& status() const { return status_; }

 private:
  SqliteDatabase& db_;
  Status status_;
};

}  // namespace davy
