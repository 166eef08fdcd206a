#include <doctest/doctest.h>

#include "proto/store/sqlite_database.hpp"
#include "tests/sim/sqlite_sim_disk.hpp"

using namespace davy;

namespace {
SqliteOptions on(const sim::SimDisk& disk) { return {.path = "/a.db", .exclusive = true, .vfs = disk.vfs()}; }
}  // namespace

TEST_CASE("sim disk: SQLite keeps every commit through power loss at any moment, and nothing else") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    sim::SimDisk disk{"disk-" + std::to_string(seed), seed};
    std::int64_t committed = 0;
    for (int life = 0; life < 5; ++life) {
      auto db = SqliteDatabase::open(on(disk));
      REQUIRE(db);
      REQUIRE(db->run("CREATE TABLE IF NOT EXISTS t(n INTEGER PRIMARY KEY, b BLOB)"));
      REQUIRE(db->query_number("SELECT count(*) FROM t") == committed);
      const auto rows = 1 + disk.random() % 40;
      for (std::uint64_t i = 0; i < rows; ++i) {
        REQUIRE(db->run("INSERT INTO t(b) VALUES(randomblob(700))"));
        ++committed;
      }
      // One more is under way when the power goes.
      REQUIRE(db->run("BEGIN; INSERT INTO t(b) VALUES(randomblob(9000))"));
      disk.power_loss();
    }
    auto db = SqliteDatabase::open(on(disk));
    REQUIRE(db);
    CHECK(db->query_number("SELECT count(*) FROM t") == committed);
    CHECK(db->query_number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'") == 1);
  }
}

TEST_CASE("sim disk: a full disk is an error, and room again is enough") {
  sim::SimDisk disk{"disk-full", 1};
  auto db = SqliteDatabase::open(on(disk));
  REQUIRE(db);
  REQUIRE(db->run("CREATE TABLE t(b BLOB)"));
  disk.set_full(true);
  const auto refused = db->run("INSERT INTO t VALUES(zeroblob(50000))");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::full);
  disk.set_full(false);
  CHECK(db->run("INSERT INTO t VALUES(zeroblob(50000))"));
  CHECK(db->query_number("SELECT count(*) FROM t") == 1);
}
