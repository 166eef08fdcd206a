#include "proto/store/sqlite_database.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <unistd.h>

using namespace davy;

namespace {
struct Folder {
  Folder() {
    std::string name = "/tmp/davy-store-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return path + "/" + name; }
  std::string path;
};
}  // namespace

TEST_CASE("sqlite: what was committed is there again, what was not is gone") {
  const Folder folder;
  {
    auto db = SqliteDatabase::open({.path = folder.file("a.db")});
    REQUIRE(db);
    REQUIRE(db->run("CREATE TABLE t(k INTEGER PRIMARY KEY, b BLOB, s TEXT, r REAL)"));
    auto insert = db->prepare("INSERT INTO t VALUES(?,?,?,?)");
    REQUIRE(insert);
    {
      auto transaction = SqliteTransaction::begin(*db);
      REQUIRE(transaction);
      insert->bind(1, std::int64_t{1}).bind_blob(2, {}).bind_text(3, "一").bind(4, 0.25);
      REQUIRE(insert->run());
      REQUIRE(transaction->commit());
    }
    auto transaction = SqliteTransaction::begin(*db);
    insert->bind(1, std::int64_t{2});
    REQUIRE(insert->run());
  }
  auto db = SqliteDatabase::open({.path = folder.file("a.db"), .read_only = true});
  REQUIRE(db);
  CHECK(db->query_number("SELECT count(*) FROM t") == 1);
  auto row = db->prepare("SELECT b, s, r FROM t");
  REQUIRE(row->step() == true);
  CHECK_FALSE(row->is_null(0));
  CHECK(row->text(1) == "一");
  CHECK(row->real(2) == 0.25);
}

TEST_CASE("sqlite: errors say what to do") {
  const Folder folder;
  SUBCASE("not a database is corrupt") {
    std::ofstream{folder.file("x.db")} << std::string(8192, 'x');
    const auto db = SqliteDatabase::open({.path = folder.file("x.db")});
    REQUIRE_FALSE(db);
    CHECK(db.error().code == Errc::corrupt);
    CHECK(db.error().message.find("x.db") != std::string::npos);
  }
  SUBCASE("opened twice is a conflict") {
    const SqliteOptions options{.path = folder.file("y.db"), .exclusive = true, .busy_wait_ms = 0};
    const auto first = SqliteDatabase::open(options);
    REQUIRE(first);
    const auto second = SqliteDatabase::open(options);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Errc::conflict);
  }
  SUBCASE("no room is full") {
    auto db = SqliteDatabase::open({.path = folder.file("z.db")});
    REQUIRE(db);
    REQUIRE(db->run("CREATE TABLE t(b BLOB); PRAGMA max_page_count=4"));
    const auto status = db->run("INSERT INTO t VALUES(zeroblob(100000))");
    REQUIRE_FALSE(status);
    CHECK(status.error().code == Errc::full);
  }
}

TEST_CASE("sqlite: a file that is deleted or replaced while in use takes no transaction any more") {
  const Folder folder;
  const std::string path = folder.file("a.db");
  auto db = SqliteDatabase::open({.path = path});
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t(n INTEGER)"));
  REQUIRE(SqliteTransaction::begin(*db));
  std::filesystem::remove(path);
  SUBCASE("deleted") {}
  SUBCASE("replaced") { std::ofstream{path} << "something else"; }
  const auto transaction = SqliteTransaction::begin(*db);
  REQUIRE_FALSE(transaction);
  CHECK(transaction.error().code == Errc::corrupt);
  CHECK(transaction.error().message.find(path) != std::string::npos);
  CHECK(transaction.error().message.find("deleted or replaced while in use") != std::string::npos);
}
