#include <csignal>
#include <random>

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gateway/spool/spool_samples.hpp"

using namespace davy;
using namespace davy::test;

namespace {

// The child: stores blocks as fast as it can, and says the number of each whose append returned. Never comes
// back.
[[noreturn]] void store_until_killed(const SpoolOptions& options, int out) {
  auto opened = SqliteSpool::open(options, noon);
  if (!opened) _exit(1);
  for (;;) {
    const std::uint64_t seq = opened->spool->state().next_seq;
    if (!opened->spool->append(block_of(seq), seq % 7 == 0, noon)) _exit(2);
    if (write(out, &seq, sizeof seq) != sizeof seq) _exit(3);
    if (seq % 40 == 0 && !opened->spool->release({{seq - 39, seq - 20}})) _exit(4);
    if (!opened->spool->thin(noon)) _exit(5);
  }
}

// Reads until `enough` blocks are reported, kills, and returns the last number that was reported.
std::uint64_t run_and_kill(const SpoolOptions& options, std::uint64_t enough) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    store_until_killed(options, ends[1]);
  }
  close(ends[1]);
  std::uint64_t last = 0;
  std::uint64_t seq = 0;
  for (std::uint64_t i = 0; i < enough && read(ends[0], &seq, sizeof seq) == sizeof seq; ++i) last = seq;
  kill(child, SIGKILL);
  while (read(ends[0], &seq, sizeof seq) == sizeof seq) last = seq;  // reported before it died
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  return last;
}

}  // namespace

TEST_CASE(
    "sqlite spool: killed in the middle of its work thirty times, it lost nothing and has nothing twice") {
  const Folder folder;
  const SpoolOptions options{.path = folder.file("spool.db"), .gateway = "g1"};
  std::mt19937_64 random{7};
  std::uint64_t next = 1;
  Uuid stream{};
  RangeSet gone;
  for (int life = 0; life < 30; ++life) {
    const auto last = run_and_kill(options, 1 + random() % 120);
    auto opened = SqliteSpool::open(options, noon);
    REQUIRE(opened);
    CHECK_FALSE(opened->replaced);
    auto& spool = *opened->spool;
    if (life == 0) stream = spool.state().stream;
    CHECK(spool.state().stream == stream);
    // One more block may be in the file than was reported: the kill came between the commit and the report.
    CHECK(spool.state().next_seq > last);
    CHECK(spool.state().next_seq <= last + 2);
    CHECK(last >= next);
    next = spool.state().next_seq;

    const auto blocks = spool.read({1, UINT64_MAX}, 1'000'000);
    REQUIRE(blocks);
    RangeSet there;
    for (const auto& block : *blocks) {
      CHECK(block.envelope == block_of(to_number(block.seq)).envelope);
      CHECK(there.add(to_number(block.seq)));
    }
    CHECK(spool.state().blocks == there.member_count());
    for (std::uint64_t seq = 1; seq < next; ++seq) {
      const bool releasable = (seq - 1) % 40 < 20;
      if (!releasable) CHECK(there.contains(seq));
      if (gone.contains(seq)) CHECK_FALSE(there.contains(seq));
      // A release is whole or not at all; one that the kill prevented is never asked for again.
      if (releasable && seq % 40 != 1 && (next - 1) / 40 > (seq - 1) / 40) {
        CHECK(there.contains(seq) == there.contains(seq - 1));
      }
      if (!there.contains(seq)) gone.add(seq);
    }
  }
  CHECK(gone.member_count() > 200);
}
