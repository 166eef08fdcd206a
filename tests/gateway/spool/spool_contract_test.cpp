#include <functional>

#include <doctest/doctest.h>

#include "gateway/spool/memory_spool.hpp"
#include "tests/gateway/spool/spool_samples.hpp"

using namespace davy;
using namespace davy::test;

// What any spool promises, asked of the real one and of the fake: a fake that promises something else is
// worthless.

namespace {

std::vector<std::uint64_t> seqs(Spool& spool, Range range = {1, UINT64_MAX}, std::size_t count_max = 1000) {
  std::vector<std::uint64_t> out;
  const auto blocks = spool.read(range, count_max);
  REQUIRE(blocks);
  for (const auto& block : *blocks) {
    CHECK(block.envelope == block_of(to_number(block.seq)).envelope);
    out.push_back(to_number(block.seq));
  }
  return out;
}

void append(Spool& spool, int count, bool keep = false) {
  for (int i = 0; i < count; ++i) {
    const auto seq = spool.state().next_seq;
    REQUIRE(spool.append(block_of(seq), keep, noon + Duration{static_cast<std::int64_t>(seq)}));
  }
}

void for_each_spool(const std::function<void(Spool&)>& check) {
  SUBCASE("in memory") {
    MemorySpool spool{uuid_of(1)};
    check(spool);
  }
  SUBCASE("in SQLite") {
    const Folder folder;
    auto opened = SqliteSpool::open({.path = folder.file("spool.db"), .gateway = "g1"}, noon);
    REQUIRE(opened);
    check(*opened->spool);
  }
}

using Seqs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("spool: numbers grow from 1, and the state follows") {
  for_each_spool([](Spool& spool) {
    CHECK(spool.state().next_seq == 1);
    CHECK(spool.state().previous == Hash{});
    CHECK(spool.state().oldest_seq == 0);
    append(spool, 3);
    const auto state = spool.state();
    CHECK(state.next_seq == 4);
    CHECK(state.previous == block_of(3).hash);
    CHECK(state.blocks == 3);
    CHECK(state.bytes == 3 * 600);
    CHECK(state.oldest_seq == 1);
    CHECK(seqs(spool) == Seqs{1, 2, 3});
  });
}

TEST_CASE("spool: reads a range in order, no more than asked for") {
  for_each_spool([](Spool& spool) {
    append(spool, 10);
    CHECK(seqs(spool, {4, 6}) == Seqs{4, 5, 6});
    CHECK(seqs(spool, {4, 100}, 2) == Seqs{4, 5});
    CHECK(seqs(spool, {0, 2}) == Seqs{1, 2});
    CHECK(seqs(spool, {11, 20}).empty());
    CHECK(seqs(spool, {6, 5}).empty());
  });
}

TEST_CASE("spool: what is released is gone, in whatever order; numbers are not used again") {
  for_each_spool([](Spool& spool) {
    append(spool, 10);
    REQUIRE(spool.release({{5, 7}, {2, 2}}));
    CHECK(seqs(spool) == Seqs{1, 3, 4, 8, 9, 10});
    CHECK(spool.state().blocks == 6);
    CHECK(spool.state().oldest_seq == 1);
    REQUIRE(spool.release({{5, 7}, {900, UINT64_MAX}, {0, 0}}));  // again, and unknown ones
    CHECK(spool.state().blocks == 6);
    REQUIRE(spool.release({{1, 4}, {10, 10}}));
    CHECK(seqs(spool) == Seqs{8, 9});
    REQUIRE(spool.release({{0, UINT64_MAX}}));
    CHECK(spool.state().blocks == 0);
    CHECK(spool.state().bytes == 0);
    CHECK(spool.state().oldest_seq == 0);
    CHECK(spool.state().next_seq == 11);
    CHECK(spool.state().previous == block_of(10).hash);
    append(spool, 2);
    CHECK(seqs(spool) == Seqs{11, 12});
  });
}

TEST_CASE("spool: births are there while blocks refer to them") {
  for_each_spool([](Spool& spool) {
    const Hash first = hash_of("first");
    const Hash second = hash_of("second");
    REQUIRE(spool.put_birth(first, "birth one"));
    append(spool, 3);
    REQUIRE(spool.put_birth(second, "birth two"));
    append(spool, 3);
    REQUIRE(spool.release({{1, 2}}));
    CHECK(spool.birth(first)->value() == "birth one");
    CHECK(spool.birth(second)->value() == "birth two");
    CHECK_FALSE(spool.birth(hash_of("third"))->has_value());
    CHECK(spool.state().birth == second);
    REQUIRE(spool.put_birth(first, "birth one"));
    CHECK(spool.state().birth == first);
  });
}

TEST_CASE("spool: without pressure nothing is thinned") {
  for_each_spool([](Spool& spool) {
    append(spool, 10);
    CHECK(spool.thin(noon)->empty());
    CHECK(spool.undelivered_records()->empty());
    CHECK(spool.state().blocks == 10);
  });
}
