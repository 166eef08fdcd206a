#include <fstream>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/spool/spool_file.hpp"
#include "proto/store/sqlite_database.hpp"
#include "tests/gateway/spool/spool_samples.hpp"

using namespace davy;
using namespace davy::test;

namespace {

namespace fs = std::filesystem;

SpoolOptions options(const std::string& path, const std::string& gateway = "g1") {
  return {.path = path, .gateway = gateway};
}

std::unique_ptr<SqliteSpool> open(const SpoolOptions& how) {
  auto opened = SqliteSpool::open(how, noon);
  if (!opened) FAIL(opened.error().message);
  return std::move(opened->spool);
}

void append(SqliteSpool& spool, int count, bool keep = false, WallTime newest = noon) {
  for (int i = 0; i < count; ++i) REQUIRE(spool.append(block_of(spool.state().next_seq), keep, newest));
}

std::uint64_t size_on_disk(const std::string& path) {
  std::error_code none;
  const auto log = fs::file_size(path + "-wal", none);
  return fs::file_size(path) + (none ? 0 : log);
}

bool has(const Error& error, const std::string& text) {
  return error.message.find(text) != std::string::npos;
}

struct SmallDisk {
  explicit SmallDisk(const std::string& where)
      : path{where}, mounted{mount("davy", where.c_str(), "tmpfs", 0, "size=16m") == 0} {}
  ~SmallDisk() {
    if (mounted) umount(path.c_str());
  }
  std::string path;
  bool mounted;
};

std::uint64_t members(const std::vector<Dropped>& records) {
  std::uint64_t count = 0;
  for (const auto& record : records) count += record.seqs.last - record.seqs.first + 1;
  return count;
}

}  // namespace

TEST_CASE("sqlite spool: everything is there after a restart, also the numbers when it was empty") {
  const Folder folder;
  const auto how = options(folder.file("a/b/spool.db"));
  Uuid stream{};
  {
    const auto spool = open(how);
    stream = spool->state().stream;
    CHECK(stream != Uuid{});
    REQUIRE(spool->put_birth(hash_of("b"), "the birth"));
    append(*spool, 5);
    REQUIRE(spool->release({{2, 3}}));
  }
  {
    const auto spool = open(how);
    CHECK(spool->state().stream == stream);
    CHECK(spool->state().next_seq == 6);
    CHECK(spool->state().blocks == 3);
    CHECK(spool->state().bytes == 1800);
    CHECK(spool->state().oldest_seq == 1);
    CHECK(spool->birth(hash_of("b"))->value() == "the birth");
    CHECK(spool->state().birth == hash_of("b"));
    REQUIRE(spool->release({{1, 5}}));
  }
  const auto spool = open(how);
  CHECK(spool->state().blocks == 0);
  CHECK(spool->state().next_seq == 6);
  CHECK(spool->state().previous == block_of(5).hash);
  append(*spool, 1);
  CHECK(to_number(spool->read({1, 10}, 10)->at(0).seq) == 6);
}

TEST_CASE("sqlite spool: is nobody else's to read") {
  const Folder folder;
  const auto spool = open(options(folder.file("new/spool.db")));
  struct stat file {
  }, above{};
  REQUIRE(stat(folder.file("new/spool.db").c_str(), &file) == 0);
  REQUIRE(stat(folder.file("new").c_str(), &above) == 0);
  CHECK((file.st_mode & 0777U) == 0600U);
  CHECK((above.st_mode & 0777U) == 0700U);
}

TEST_CASE("sqlite spool: a second program on it is told who has it") {
  const Folder folder;
  const auto first = open(options(folder.file("spool.db")));
  append(*first, 1);
  const auto second = SqliteSpool::open(options(folder.file("spool.db")), noon);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::conflict);
  CHECK(has(second.error(), "spool.db"));
  CHECK(has(second.error(), "process " + std::to_string(getpid())));
  append(*first, 1);  // and the first one is not harmed
}

TEST_CASE("sqlite spool: wrong files are refused in plain words and left alone") {
  const Folder folder;
  const std::string path = folder.file("spool.db");
  SUBCASE("of another gateway") {
    open(options(path, "g7"));
    const auto wrong = SqliteSpool::open(options(path, "g8"), noon);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Errc::bad_config);
    CHECK(has(wrong.error(), "g7"));
    CHECK(has(wrong.error(), "g8"));
  }
  SUBCASE("of a newer Davy") {
    open(options(path));
    REQUIRE(SqliteDatabase::open({.path = path})->run("PRAGMA user_version=9"));
    const auto wrong = SqliteSpool::open(options(path), noon);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Errc::bad_config);
    CHECK(has(wrong.error(), "newer"));
  }
  SUBCASE("of an older Davy") {
    open(options(path));
    REQUIRE(SqliteDatabase::open({.path = path})->run("PRAGMA user_version=0"));
    const auto wrong = SqliteSpool::open(options(path), noon);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Errc::bad_config);
    CHECK(has(wrong.error(), "older"));
  }
  SUBCASE("another program's database") {
    REQUIRE(SqliteDatabase::open({.path = path})->run("CREATE TABLE mail(t)"));
    const auto wrong = SqliteSpool::open(options(path), noon);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Errc::bad_config);
    CHECK(has(wrong.error(), "another program"));
  }
  SUBCASE("a folder that cannot be made") {
    const auto wrong = SqliteSpool::open(options("/proc/davy/spool.db"), noon);
    REQUIRE_FALSE(wrong);
    CHECK(has(wrong.error(), "/proc/davy"));
  }
  SUBCASE("no right to write") {
    if (geteuid() == 0) {
      MESSAGE("skipped: root may write anything");
      return;
    }
    open(options(path));
    fs::permissions(path, fs::perms::owner_read);
    const auto wrong = SqliteSpool::open(options(path), noon);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().code == Errc::denied);
  }
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator{folder.path})
    files += entry.path().string().find("corrupt") != std::string::npos;
  CHECK(files == 0);
}

TEST_CASE(
    "sqlite spool: a ruined file is set aside, a new stream begins, and that is told until the first block") {
  const Folder folder;
  const auto how = options(folder.file("spool.db"));
  Uuid stream{};
  {
    const auto spool = open(how);
    append(*spool, 200);
    stream = spool->state().stream;
  }
  SUBCASE("header overwritten") {
    std::fstream{how.path, std::ios::in | std::ios::out | std::ios::binary} << std::string(200, 'x');
  }
  SUBCASE("pages overwritten in the middle") {
    std::fstream file{how.path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(5 * 1024);
    file << std::string(40 * 1024, '\xFF');
  }
  SUBCASE("cut short") { fs::resize_file(how.path, fs::file_size(how.path) / 3); }
  for (int start = 0; start < 2; ++start) {
    auto opened = SqliteSpool::open(how, noon);
    REQUIRE(opened);
    REQUIRE(opened->replaced);
    CHECK(opened->replaced->find("set aside as " + how.path + ".corrupt-20270115T080000Z") !=
          std::string::npos);
    CHECK(opened->spool->state().stream != stream);
    CHECK(opened->spool->state().next_seq == 1);
    if (start == 1) append(*opened->spool, 1);
  }
  CHECK_FALSE(SqliteSpool::open(how, noon)->replaced);
  CHECK(fs::exists(how.path + ".corrupt-20270115T080000Z"));
}

TEST_CASE("sqlite spool: ruins do not pile up") {
  const Folder folder;
  const auto how = options(folder.file("spool.db"));
  for (int day = 0; day < 5; ++day) {
    std::ofstream{how.path} << std::string(4096, 'x');
    REQUIRE(SqliteSpool::open(how, noon + std::chrono::days{day}));
  }
  std::size_t ruins = 0;
  for (const auto& entry : fs::directory_iterator{folder.path})
    ruins += entry.path().string().find("corrupt") != std::string::npos;
  CHECK(ruins == spool::set_aside_max);
  CHECK(fs::exists(how.path + ".corrupt-20270119T080000Z"));
}

TEST_CASE("sqlite spool: damage found while in use is checked for at the next start") {
  const Folder folder;
  auto how = options(folder.file("spool.db"));
  {
    const auto spool = open(how);
    for (int i = 0; i < 40; ++i)
      REQUIRE(spool->append(block_of(spool->state().next_seq, 250'000), false, noon));
    for (int i = 0; i < 30; ++i)
      REQUIRE(spool->append(block_of(spool->state().next_seq, 250'000), false, noon));
  }
  REQUIRE(fs::file_size(how.path) > 17'000'000);  // too big to be checked at every start
  {
    std::fstream file{how.path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(2'000'000);
    file << std::string(1'000'000, '\xFF');
  }
  {
    auto opened = SqliteSpool::open(how, noon);
    REQUIRE(opened);
    CHECK_FALSE(opened->replaced);
    const auto blocks = opened->spool->read({1, 70}, 70);
    REQUIRE_FALSE(blocks);
    CHECK(blocks.error().code == Errc::corrupt);
  }
  CHECK(SqliteSpool::open(how, noon)->replaced);
  CHECK_FALSE(fs::exists(how.path + ".suspect"));
}

TEST_CASE("sqlite spool: over its size it thins the oldest ordinary blocks, kept ones last, and says which") {
  const Folder folder;
  auto how = options(folder.file("spool.db"));
  how.bytes_max = 1024 * 1024;
  auto spool = open(how);
  append(*spool, 50, true);
  RangeSet gone;
  for (int i = 0; i < 4000; ++i) {
    append(*spool, 1, i % 100 == 99);
    const auto dropped = spool->thin(noon);
    REQUIRE(dropped);
    for (const auto& record : *dropped) {
      CHECK(record.reason.find("1024 KiB") != std::string::npos);
      gone.add(record.seqs);
    }
    if (i % 500 == 0) CHECK(size_on_disk(how.path) <= how.bytes_max + 64 * 1024);
  }
  CHECK(size_on_disk(how.path) <= how.bytes_max + 64 * 1024);
  CHECK(spool->state().blocks > 800);  // and does not waste the room either
  CHECK(gone.member_count() + spool->state().blocks == 4050);
  CHECK_FALSE(gone.contains(1));
  for (std::uint64_t kept = 150; kept <= 4050; kept += 100) CHECK_FALSE(gone.contains(kept));
  const auto records = spool->undelivered_records();
  REQUIRE(records);
  CHECK(members(*records) == gone.member_count());

  SUBCASE("the record survives a restart, and is forgotten by number") {
    spool.reset();
    spool = open(how);
    CHECK(members(*spool->undelivered_records()) == gone.member_count());
    REQUIRE(spool->record_delivered({{{60, 70}, ""}}));
    CHECK(members(*spool->undelivered_records()) == gone.member_count() - 11);
    CHECK(spool->undelivered_records()->at(0).seqs == Range{51, 59});
    REQUIRE(spool->record_delivered({{{1, 5000}, ""}}));
    CHECK(spool->undelivered_records()->empty());
  }
  SUBCASE("kept ones go when nothing else is left, the newest never") {
    for (int i = 0; i < 3000; ++i) {
      append(*spool, 1, true);
      REQUIRE(spool->thin(noon));
    }
    CHECK(size_on_disk(how.path) <= how.bytes_max + 64 * 1024);
    CHECK(members(*spool->undelivered_records()) + spool->state().blocks == 7050);
    CHECK(to_number(spool->read({7050, 7050}, 1)->at(0).seq) == 7050);
  }
}

TEST_CASE("sqlite spool: age thins ordinary blocks, slowly, and only by believable stamps") {
  const Folder folder;
  auto how = options(folder.file("spool.db"));
  how.days_max = 30;
  const auto spool = open(how);
  append(*spool, 10, false, wall_from_ms(0));  // the clock had not been set
  append(*spool, 10, true);
  append(*spool, 200);
  append(*spool, 10, false, noon + std::chrono::days{10});
  CHECK(spool->thin(wall_from_ms(0))->empty());
  CHECK(spool->thin(noon + std::chrono::days{30})->empty());
  const auto later = noon + std::chrono::days{31};
  auto dropped = spool->thin(later);
  REQUIRE(dropped);
  CHECK(members(*dropped) == SqliteSpool::age_drops_max);
  CHECK(dropped->at(0).seqs.first == 21);
  CHECK(dropped->at(0).reason == "older than 30 days");
  CHECK(members(*spool->thin(later)) == 200 - SqliteSpool::age_drops_max);
  CHECK(spool->thin(later)->empty());
  CHECK(spool->state().blocks == 30);
  CHECK(spool->undelivered_records()->size() == 1);  // one run of numbers, one record
}

TEST_CASE("sqlite spool: births go when no stored block can refer to them") {
  const Folder folder;
  const auto spool = open(options(folder.file("spool.db")));
  const Hash one = hash_of("1"), two = hash_of("2");
  REQUIRE(spool->put_birth(one, "one"));
  append(*spool, 10);
  REQUIRE(spool->put_birth(two, "two"));
  append(*spool, 10);
  REQUIRE(spool->release({{1, 9}}));
  CHECK(spool->birth(one)->has_value());
  REQUIRE(spool->release({{10, 15}}));
  CHECK_FALSE(spool->birth(one)->has_value());
  CHECK(spool->birth(two)->has_value());
  SUBCASE("a configuration that comes back is in force again") {
    REQUIRE(spool->put_birth(one, "one"));
    REQUIRE(spool->put_birth(two, "two"));
    REQUIRE(spool->put_birth(one, "one"));
    REQUIRE(spool->release({{1, 100}}));
    append(*spool, 5);
    REQUIRE(spool->release({{1, 100}}));
    CHECK(spool->birth(one)->has_value());
    CHECK_FALSE(spool->birth(two)->has_value());
  }
}

TEST_CASE("sqlite spool: the count of a big backlog is right after a restart") {
  const Folder folder;
  const auto how = options(folder.file("spool.db"));
  auto spool = open(how);
  const auto reopened = [&] {
    const auto before = spool->state();
    spool.reset();
    spool = open(how);
    CHECK(spool->state().blocks == before.blocks);
    CHECK(spool->state().bytes == before.bytes);
    CHECK(spool->state().oldest_seq == before.oldest_seq);
    CHECK(spool->state().next_seq == before.next_seq);
  };
  for (int i = 0; i < 9000; ++i) REQUIRE(spool->append(block_of(spool->state().next_seq, 40), false, noon));
  reopened();
  REQUIRE(spool->release({{100, 200}}));
  reopened();
  append(*spool, 10);
  reopened();
  REQUIRE(spool->release({{1, 8000}}));  // few are left: the saved count is void from here on
  reopened();
  REQUIRE(spool->release({{8001, 8500}}));
  append(*spool, 3);
  reopened();
}

TEST_CASE("sqlite spool: on a disk that others have filled it makes room in its own file and goes on") {
  const Folder folder;
  const SmallDisk disk{folder.path};
  if (!disk.mounted) {
    MESSAGE("skipped: needs the right to mount a small disk");
    return;
  }
  {
    const auto spool = open(options(folder.file("spool.db")));
    append(*spool, 100, true);
    std::uint64_t dropped = 0;
    const auto run = [&](int count) {
      for (int i = 0; i < count; ++i) {
        append(*spool, 1);
        const auto thinned = spool->thin(noon);
        if (!thinned) FAIL(thinned.error().message);
        dropped += members(*thinned);
        for (const auto& record : *thinned) CHECK(record.reason.find("disk full") == 0);
      }
    };
    run(10'000);
    CHECK(dropped > 0);
    std::ofstream{folder.file("other"), std::ios::binary} << std::string(16 << 20, 'x');
    CHECK(fs::space(folder.path).available == 0);
    const auto before = dropped;
    run(10'000);
    CHECK(dropped > before);
    CHECK(dropped + spool->state().blocks == 20'100);
    CHECK(spool->state().blocks > 3'000);
    CHECK(to_number(spool->read({1, 100}, 100)->back().seq) == 100);
  }
}
