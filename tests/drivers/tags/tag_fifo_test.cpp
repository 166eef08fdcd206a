#include "drivers/tags/tag_fifo.hpp"

#include <algorithm>
#include <deque>
#include <random>

#include <doctest/doctest.h>

#include "tests/drivers/tags/tag_round.hpp"

using namespace davy;
using test::noon;

namespace {

constexpr std::uint16_t first_slot = 16;
constexpr std::uint16_t slot_size = 6;

// The FIFO of generic-tag-fifo, or one that differs from it as the profile does.
class FifoModel final : public test::RegisterModel {
 public:
  FifoModel(const TagFifoProfile& profile, std::size_t room) : profile_{profile}, room_{room} {}

  void see(std::uint32_t tag, std::uint16_t age_word = 0) {
    ++number_;
    if (waiting_.size() == room_) {
      ++overruns;
      return;
    }
    waiting_.push_back({number_, static_cast<std::uint16_t>(tag >> 16U), static_cast<std::uint16_t>(tag),
                        std::uint16_t{150}, static_cast<std::uint16_t>(-71), age_word});
  }
  void restart() {
    waiting_.clear();
    number_ = 0;
    overruns = 0;
  }

  test::ModelReply read(const RegisterRead& request) override {
    test::ModelReply out;
    if (fail_before > 0) {
      --fail_before;
      return {BusFault::timeout, {}};
    }
    for (std::uint32_t i = 0; i < request.count; ++i) {
      out.registers.push_back(at(static_cast<std::uint16_t>(request.address + i)));
    }
    const bool slots = request.address >= first_slot;
    if (slots && profile_.release == TagRelease::gone_when_read) drop(request.count / slot_size);
    return lose_reply(slots) ? test::ModelReply{BusFault::crc, {}} : out;
  }
  test::ModelReply write(const RegisterWrite& request) override {
    if (profile_.overrun_address && request.address == *profile_.overrun_address) {
      overruns = request.value;
      return {};
    }
    if (request.address != profile_.release_address) return {BusFault::exception, {}};
    if (profile_.release == TagRelease::write_count) {
      drop(request.value);
    } else {
      while (!waiting_.empty() && static_cast<std::int16_t>(request.value - waiting_.front()[0]) >= 0)
        drop(1);
    }
    return {lose_reply(true) ? BusFault::timeout : BusFault::none, {}};
  }

  std::size_t waiting() const { return waiting_.size(); }
  std::uint16_t overruns = 0;
  int fail_before = 0;   // requests that the reader does not see
  int lose_replies = 0;  // to reads of slots and to releases; the reader has seen the request

 private:
  std::uint16_t at(std::uint16_t address) const {
    if (address == profile_.count_address) return static_cast<std::uint16_t>(waiting_.size());
    if (profile_.overrun_address && address == *profile_.overrun_address) return overruns;
    if (address < first_slot) return 0;
    const std::size_t place = static_cast<std::size_t>(address) - first_slot;
    const std::size_t slot = place / slot_size;
    return slot < waiting_.size() ? waiting_[slot][place % slot_size] : std::uint16_t{0};
  }
  void drop(std::size_t count) {
    for (; count > 0 && !waiting_.empty(); --count) waiting_.pop_front();
  }
  bool lose_reply(bool may) {
    if (!may || lose_replies == 0) return false;
    --lose_replies;
    return true;
  }

  const TagFifoProfile profile_;
  const std::size_t room_;
  std::deque<std::array<std::uint16_t, slot_size>> waiting_;
  std::uint16_t number_ = 0;
};

struct Bench {
  explicit Bench(const std::function<void(TagFifoProfile&)>& change = {}, std::size_t room = 64)
      : device{changed(change)},
        model{std::get<TagFifoProfile>(*device.tag_reader), room},
        reader{make_tag_registers(device, 5, "r")} {}

  static DeviceProfile changed(const std::function<void(TagFifoProfile&)>& change) {
    DeviceProfile out = test::tag_profile("generic-tag-fifo");
    if (change) change(std::get<TagFifoProfile>(*out.tag_reader));
    return out;
  }
  test::RoundCost round() { return test::run_round(*reader, model, at, report); }
  std::vector<std::uint64_t> tags() const {
    std::vector<std::uint64_t> out;
    for (const Sighting& sighting : report.sightings) out.push_back(sighting.tag);
    return out;
  }

  DeviceProfile device;
  FifoModel model;
  std::unique_ptr<TagRegisters> reader;
  TagReport report;
  WallTime at = noon;
};

std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = first; i <= last; ++i) out.push_back(i);
  return out;
}

void without_numbers(TagFifoProfile& profile) {
  profile.slot.number_register.reset();
  profile.release = TagRelease::write_count;
}
void forgets(TagFifoProfile& profile) { profile.release = TagRelease::gone_when_read; }

}  // namespace

TEST_CASE("fifo: a sighting comes with everything the slot says") {
  Bench bench;
  bench.model.see(0x00ABCDEF, 0xC000 | 25);
  bench.round();
  REQUIRE(bench.report.sightings.size() == 1);
  CHECK(bench.report.sightings[0] == Sighting{.tag = 0x00ABCDEF,
                                              .reader = "r",
                                              .source_time = noon - Duration{2500},
                                              .distance_cm = 150,
                                              .rssi_dbm = -71,
                                              .sos = true,
                                              .low_battery = true});
  CHECK(bench.model.waiting() == 0);
}

TEST_CASE("fifo: it is emptied in batches, and an empty one costs one request") {
  for (const auto& change :
       {std::function<void(TagFifoProfile&)>{}, std::function<void(TagFifoProfile&)>{without_numbers},
        std::function<void(TagFifoProfile&)>{forgets}}) {
    Bench bench{change, 100};
    for (std::uint32_t tag = 1; tag <= 80; ++tag) bench.model.see(tag);
    bench.round();
    CHECK(bench.tags() == from_to(1, 80));
    CHECK(bench.report.lost == 0);
    CHECK(bench.model.waiting() == 0);
    const auto cost = bench.round();
    CHECK(cost.reads == 1);
    CHECK(cost.writes == 0);
  }
}

TEST_CASE("fifo: what it had no room for is told as lost, exactly") {
  Bench bench{{}, 32};
  bench.round();
  for (std::uint32_t tag = 1; tag <= 40; ++tag) bench.model.see(tag);
  bench.round();
  bench.model.see(41);
  bench.round();
  auto expected = from_to(1, 32);
  expected.push_back(41);
  CHECK(bench.tags() == expected);
  CHECK(bench.report.lost == 8);  // told by the counter and by the gap in the numbers: counted once
  CHECK(bench.report.message == "reader r had no room for all sightings; ask it more often");
}

TEST_CASE("fifo: an overrun flag is told once and set back") {
  Bench bench{[](TagFifoProfile& profile) {
    without_numbers(profile);
    profile.overrun = TagOverrun::flag;
    profile.overrun_address = 9;  // far from the count: a request of its own
  }};
  bench.model.overruns = 1;
  bench.model.see(1);
  bench.round();
  CHECK(bench.report.lost == 1);
  CHECK(bench.tags() == from_to(1, 1));
  CHECK(bench.model.overruns == 0);
  bench.round();
  CHECK(bench.report.lost == 1);
}

TEST_CASE("fifo: a release whose reply is lost brings nothing twice and loses nothing") {
  for (const bool numbered : {true, false}) {
    CAPTURE(numbered);
    for (const bool arrived : {true, false}) {
      CAPTURE(arrived);
      Bench bench{numbered ? std::function<void(TagFifoProfile&)>{} : without_numbers};
      for (std::uint32_t tag = 1; tag <= 5; ++tag) bench.model.see(tag);
      bench.reader->start_round();
      for (int i = 0; i < 2; ++i) {  // header, slots
        const auto request = std::get<RegisterRead>(*bench.reader->next());
        bench.reader->on_reply({}, bench.model.read(request).registers, noon, bench.report);
      }
      const auto release = std::get<RegisterWrite>(*bench.reader->next());
      if (arrived) bench.model.write(release);
      bench.reader->on_reply({.fault = BusFault::timeout, .message = "no reply"}, {}, noon, bench.report);
      CHECK(bench.report.message == "reader r could not be told what was fetched: no reply");
      CHECK_FALSE(bench.reader->next());
      for (std::uint32_t tag = 6; tag <= 8; ++tag) bench.model.see(tag);
      bench.round();
      CHECK(bench.tags() == from_to(1, 8));
      CHECK(bench.report.lost == 0);
      CHECK(bench.report.repeated == (arrived ? 0U : 5U));
      CHECK_FALSE(bench.report.restarted);
      CHECK(bench.model.waiting() == 0);
    }
  }
}

TEST_CASE("fifo: what a reader forgot into a damaged reply is told as lost") {
  Bench numbered{forgets};
  numbered.model.see(1);
  numbered.round();
  numbered.model.see(2);
  numbered.model.see(3);
  numbered.model.lose_replies = 1;
  numbered.round();
  CHECK(numbered.report.lost == 0);  // not known yet
  numbered.model.see(4);
  numbered.round();
  CHECK(numbered.report.lost == 2);
  CHECK(numbered.tags() == std::vector<std::uint64_t>{1, 4});

  Bench blind{[](TagFifoProfile& profile) {
    forgets(profile);
    profile.slot.number_register.reset();
  }};
  for (std::uint32_t tag = 1; tag <= 3; ++tag) blind.model.see(tag);
  blind.model.lose_replies = 1;
  blind.round();
  CHECK(blind.report.lost == 3);
  CHECK(blind.report.message.find("forgets what is read") != std::string::npos);
}

TEST_CASE("fifo: a reader that has restarted is told, and all it has is new") {
  Bench bench;
  for (std::uint32_t tag = 1; tag <= 5; ++tag) bench.model.see(tag);
  bench.round();
  bench.model.restart();
  bench.at += std::chrono::minutes{1};
  for (std::uint32_t tag = 1; tag <= 3; ++tag) bench.model.see(tag);
  bench.report = {};
  bench.round();
  CHECK(bench.tags() == from_to(1, 3));
  CHECK(bench.report.restarted);
  CHECK(bench.report.lost == 0);
}

TEST_CASE("fifo: whatever is lost on the way, each sighting comes once or is counted as lost") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    const auto below = [&](std::uint64_t n) { return random() % n; };
    const auto kind = below(3);
    CAPTURE(kind);
    Bench bench{[&](TagFifoProfile& profile) {
                  if (kind == 1) without_numbers(profile);
                  if (kind == 2) forgets(profile);
                },
                static_cast<std::size_t>(20 + below(60))};
    std::uint32_t tag = 0;
    bench.model.see(++tag);
    bench.round();
    for (int i = 0; i < 60; ++i) {
      for (std::uint64_t n = below(30); n > 0; --n) bench.model.see(++tag);
      if (below(5) == 0) bench.model.fail_before = 1;
      if (below(5) == 0) bench.model.lose_replies = 1;
      bench.at += Duration{500};
      bench.round();
    }
    bench.model.fail_before = 0;
    bench.model.lose_replies = 0;
    bench.round();
    bench.model.see(++tag);  // shows the last gap
    bench.round();
    auto seen = bench.tags();
    CHECK(std::ranges::is_sorted(seen));
    CHECK(std::ranges::adjacent_find(seen) == seen.end());
    CHECK(seen.size() + bench.report.lost == tag);
    CHECK_FALSE(bench.report.restarted);
  }
}
