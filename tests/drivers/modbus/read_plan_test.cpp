#include "drivers/modbus/read_plan.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include <doctest/doctest.h>

using namespace davy;

namespace {

SignalProfile signal_at(std::string name, std::uint16_t address, Encoding encoding = Encoding::u16,
                        RegisterTable table = RegisterTable::input) {
  return {.name = std::move(name), .table = table, .address = address, .encoding = encoding};
}

DeviceProfile profile_of(std::vector<SignalProfile> signals, std::uint16_t count_max = 125,
                         std::uint16_t gap_max = 0) {
  DeviceProfile p;
  p.signals = std::move(signals);
  p.registers_per_request_max = count_max;
  p.gap_registers_max = gap_max;
  return p;
}

// One register more costs next to nothing beside asking again.
constexpr ReadCost fewest_requests{std::chrono::seconds{1}, std::chrono::nanoseconds{1}};

std::vector<PlannedRead> plan_all(const DeviceProfile& p) {
  std::vector<std::uint32_t> all(p.signals.size());
  std::iota(all.begin(), all.end(), 0U);
  return plan_reads(p, all, fewest_requests);
}

// The judge: the cheapest over all ways to choose them, by trying every set of windows on a short register
// line.
struct Line {
  std::vector<std::pair<unsigned, unsigned>> wanted;  // first, end
  unsigned count_max = 0, gap_max = 0;

  bool is_wanted(unsigned a) const {
    return std::ranges::any_of(wanted, [&](auto& w) { return w.first <= a && a < w.second; });
  }
  bool allowed(unsigned first, unsigned end) const {
    if (end - first > count_max || !is_wanted(first) || !is_wanted(end - 1)) return false;
    unsigned gap = 0;
    for (unsigned a = first; a < end; ++a) {
      gap = is_wanted(a) ? 0 : gap + 1;
      if (gap > gap_max) return false;
    }
    return true;
  }
  bool read_by(unsigned first, unsigned end, std::size_t i) const {
    return first <= wanted[i].first && wanted[i].second <= end;
  }
  unsigned request_cost = 1, register_cost = 0;
  // The cheapest windows that read the spans in `left` (a bit each).
  unsigned cheapest(unsigned left, unsigned addresses) const {
    if (left == 0) return 0;
    std::size_t target = 0;
    while ((left >> target & 1U) == 0) ++target;
    unsigned best = 9999;
    for (unsigned first = 0; first <= wanted[target].first; ++first) {
      for (unsigned end = wanted[target].second; end <= addresses; ++end) {
        if (!allowed(first, end)) continue;
        unsigned rest = left;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
          if (read_by(first, end, i)) rest &= ~(1U << i);
        }
        best = std::min(best, request_cost + register_cost * (end - first) + cheapest(rest, addresses));
      }
    }
    return best;
  }
};

}  // namespace

TEST_CASE("plan: what is read together and what is not") {
  using T = RegisterTable;
  using E = Encoding;
  struct Row {
    const char* title;
    DeviceProfile profile;
    std::vector<PlannedRead> plan;
  };
  const Row rows[] = {
      {"neighbours join",
       profile_of({signal_at("a", 0), signal_at("b", 1), signal_at("c", 2, E::float32)}),
       {{T::input, 0, 4}}},
      {"order in the profile does not matter",
       profile_of({signal_at("b", 7), signal_at("a", 6)}),
       {{T::input, 6, 2}}},
      {"a gap splits",
       profile_of({signal_at("a", 0), signal_at("b", 2)}),
       {{T::input, 0, 1}, {T::input, 2, 1}}},
      {"an allowed gap is read along",
       profile_of({signal_at("a", 0), signal_at("b", 3)}, 125, 2),
       {{T::input, 0, 4}}},
      {"one more than allowed is not",
       profile_of({signal_at("a", 0), signal_at("b", 4)}, 125, 2),
       {{T::input, 0, 1}, {T::input, 4, 1}}},
      {"a full request ends before a signal that would be torn",
       profile_of({signal_at("a", 0), signal_at("b", 1), signal_at("c", 2, E::u32)}, 3),
       {{T::input, 0, 2}, {T::input, 2, 2}}},
      {"tables never mix",
       profile_of(
           {signal_at("a", 0), signal_at("b", 1, E::u16, T::holding), signal_at("c", 2, E::bit, T::coil)}),
       {{T::coil, 2, 1}, {T::holding, 1, 1}, {T::input, 0, 1}}},
      {"fields of one register are one read",
       profile_of({signal_at("a", 5, E::bit), signal_at("b", 5, E::bits)}),
       {{T::input, 5, 1}}},
      {"the last register there is", profile_of({signal_at("a", 65534, E::u32)}), {{T::input, 65534, 2}}},
      {"no signals, no requests", profile_of({}), {}},
  };
  for (const Row& r : rows) {
    CAPTURE(r.title);
    CHECK(plan_all(r.profile) == r.plan);
  }
}

TEST_CASE("plan: bits have their own limit per request") {
  DeviceProfile p = profile_of({signal_at("a", 0, Encoding::bit, RegisterTable::coil),
                                signal_at("b", 1, Encoding::bit, RegisterTable::coil),
                                signal_at("c", 2, Encoding::bit, RegisterTable::coil)},
                               1);
  CHECK(plan_all(p) == std::vector<PlannedRead>{{RegisterTable::coil, 0, 3}});
  p.bits_per_request_max = 2;
  CHECK(plan_all(p) == std::vector<PlannedRead>{{RegisterTable::coil, 0, 2}, {RegisterTable::coil, 2, 1}});
}

TEST_CASE("plan: only the chosen signals are read, with the status words that apply to them") {
  DeviceProfile p = profile_of({signal_at("ch4", 0), signal_at("co", 10)});
  p.statuses = {{.table = RegisterTable::input, .address = 1, .applies_to = {"ch4"}},
                {.table = RegisterTable::input, .address = 11, .applies_to = {"co"}},
                {.table = RegisterTable::holding, .address = 99}};
  CHECK(plan_reads(p, std::vector<std::uint32_t>{0}, fewest_requests) ==
        std::vector<PlannedRead>{{RegisterTable::holding, 99, 1}, {RegisterTable::input, 0, 2}});
  CHECK(plan_all(p).size() == 3);
}

TEST_CASE("plan: never more requests than the fewest possible, found by trying all") {
  std::mt19937 random{7};
  const auto upto = [&](unsigned n) { return std::uniform_int_distribution<unsigned>{0, n}(random); };
  constexpr unsigned addresses = 14;
  for (int round = 0; round < 400; ++round) {
    Line line{.count_max = 2 + upto(6), .gap_max = upto(3)};
    DeviceProfile p =
        profile_of({}, static_cast<std::uint16_t>(line.count_max), static_cast<std::uint16_t>(line.gap_max));
    const unsigned count = 1 + upto(6);
    for (unsigned i = 0; i < count; ++i) {
      const Encoding encoding = upto(2) == 0 ? Encoding::u32 : Encoding::u16;
      const unsigned first = upto(addresses - 2);
      p.signals.push_back(signal_at("s", static_cast<std::uint16_t>(first), encoding));
      line.wanted.emplace_back(first, first + register_count(encoding));
    }
    const auto plan = plan_all(p);
    CAPTURE(round);
    CHECK(plan.size() == line.cheapest((1U << count) - 1, addresses));
    for (const PlannedRead& r : plan) CHECK(line.allowed(r.address, r.address + unsigned{r.count}));
    for (const SignalProfile& s : p.signals) {
      CHECK(std::ranges::any_of(
          plan, [&](auto& r) { return covers(r, s.table, s.address, register_count(s.encoding)); }));
    }
  }
}

TEST_CASE("plan: never dearer than the cheapest possible, found by trying all") {
  std::mt19937 random{11};
  const auto upto = [&](unsigned n) { return std::uniform_int_distribution<unsigned>{0, n}(random); };
  constexpr unsigned addresses = 14;
  for (int round = 0; round < 400; ++round) {
    Line line{.count_max = 3 + upto(11), .gap_max = 99};
    line.request_cost = 1 + upto(12);
    line.register_cost = 1 + upto(2);
    DeviceProfile p = profile_of({}, static_cast<std::uint16_t>(line.count_max));
    p.gap_registers_max.reset();
    const unsigned count = 1 + upto(6);
    for (unsigned i = 0; i < count; ++i) {
      const Encoding encoding = upto(2) == 0 ? Encoding::u32 : Encoding::u16;
      const unsigned first = upto(addresses - 2);
      p.signals.push_back(signal_at("s", static_cast<std::uint16_t>(first), encoding));
      line.wanted.emplace_back(first, first + register_count(encoding));
    }
    std::vector<std::uint32_t> all(p.signals.size());
    std::iota(all.begin(), all.end(), 0U);
    const ReadCost cost{std::chrono::nanoseconds{line.request_cost},
                        std::chrono::nanoseconds{line.register_cost}};
    std::chrono::nanoseconds sum{0};
    for (const PlannedRead& read : plan_reads(p, all, cost)) sum += cost_of(read, cost);
    CAPTURE(round);
    CHECK(sum.count() == line.cheapest((1U << count) - 1, addresses));
  }
}

TEST_CASE("plan: a gap is read along where that is faster than asking again") {
  // 9600 baud, 11 bits a character, no thinking time: 13 characters and two silences are worth 10 registers.
  const BusSettings bus{.endpoint = RtuSettings{"/dev/ttyS1", {.baud = 9600, .parity = Parity::even}}};
  const auto silence = std::chrono::microseconds{4011};
  const auto requests = [&](std::uint16_t gap, std::chrono::microseconds turnaround) {
    DeviceProfile p = profile_of({signal_at("a", 0), signal_at("b", static_cast<std::uint16_t>(gap + 1))});
    p.gap_registers_max.reset();
    return plan_reads(p, std::vector<std::uint32_t>{0, 1}, read_cost(bus, turnaround, Duration{0})).size();
  };
  CHECK(requests(9, silence) == 1);
  CHECK(requests(11, silence) == 2);
  CHECK(requests(18, silence) == 2);
  CHECK(requests(18, silence + std::chrono::milliseconds{20}) == 1);  // a device that thinks for long
}

TEST_CASE("plan: what a device refuses is asked in smaller requests until the refused stands alone") {
  // Registers 0 to 9 in a row, and 15. The device has no register 7, nor 10 to 14.
  DeviceProfile p = profile_of({});
  p.gap_registers_max.reset();
  for (std::uint16_t a = 0; a < 10; ++a) p.signals.push_back(signal_at("s" + std::to_string(a), a));
  p.signals.push_back(signal_at("s15", 15));
  std::vector<std::uint32_t> all(p.signals.size());
  std::iota(all.begin(), all.end(), 0U);
  const auto has = [](unsigned a) { return a != 7 && (a < 10 || a == 15); };
  Borders borders;
  std::size_t rounds = 0;
  std::vector<PlannedRead> refused;
  for (; rounds < 20; ++rounds) {
    refused.clear();
    for (const PlannedRead& read : plan_reads(p, all, fewest_requests, borders)) {
      for (unsigned a = read.address; a < read.address + unsigned{read.count}; ++a) {
        if (has(a)) continue;
        refused.push_back(read);
        break;
      }
    }
    bool better = false;
    for (const PlannedRead& read : refused) better = split_refused(p, all, read, borders) || better;
    if (!better) break;
  }
  CHECK(refused == std::vector<PlannedRead>{{RegisterTable::input, 7, 1}});
  CHECK(rounds <= 5);
  CHECK(plan_reads(p, all, fewest_requests, borders).size() <= 6);
}
