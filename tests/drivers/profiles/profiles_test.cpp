#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>

#include "drivers/modbus/golden_file.hpp"
#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/solo_device.hpp"
#include "proto/base/manual_clock.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"

using namespace davy;
using namespace davy::test;
namespace fs = std::filesystem;

namespace {

// Long enough for a busy machine; every golden request has a reply.
constexpr Duration patient{3000};

std::set<std::string> names_in(const fs::path& folder, const std::string& ending) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator{folder}) {
    if (entry.path().extension() == ending) names.insert(entry.path().stem().string());
  }
  return names;
}

DeviceProfile profile_named(const std::string& name) {
  auto loaded = load_profile("drivers/profiles/" + name + ".textproto");
  if (!loaded) FAIL(loaded.error().message);
  return *std::move(loaded);
}

// Those that are read as registers: a tag reader's sightings are tested in tests/drivers/tags, devices on CAN
// in tests/gateway/scan.
std::set<std::string> names_with_signals() {
  auto names = names_in("drivers/profiles", ".textproto");
  std::erase_if(names, [](const std::string& name) {
    const DeviceProfile profile = profile_named(name);
    return profile.signals.empty() || profile.can;
  });
  return names;
}

GoldenFile golden_named(const std::string& name) {
  auto loaded = load_golden_file("tests/golden/modbus/" + name + ".txt");
  if (!loaded) FAIL(loaded.error().message);
  return *std::move(loaded);
}

std::uint32_t position(const DeviceProfile& profile, const std::string& signal) {
  const auto at = std::ranges::find(profile.signals, signal, &SignalProfile::name);
  if (at == profile.signals.end()) FAIL(profile.name << " has no signal " << signal);
  return static_cast<std::uint32_t>(at - profile.signals.begin());
}

void check_requests(const GoldenCase& c, const ScriptedLine& line) {
  const auto seen = line.seen();
  REQUIRE(seen.size() == c.exchanges.size());
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i].request == c.exchanges[i].request);
}

void play(const DeviceProfile& profile, std::uint8_t unit, const GoldenCase& c) {
  std::vector<std::uint32_t> signals;
  for (const GoldenReading& r : c.readings) signals.push_back(position(profile, r.signal));
  std::vector<Action> script;
  for (const GoldenExchange& e : c.exchanges) script.push_back({.send = e.reply});
  ScriptedLine line{script};
  RtuBus bus{{line.path(), profile.serial}};
  // What pays depends on a bus; golden frames are of a device that is asked for nothing it need not know.
  DeviceProfile asked = profile;
  if (!asked.gap_registers_max) asked.gap_registers_max = 0;
  SoloDevice device{unit, asked, signals, patient};
  const RoundResult result = device.read(bus, ManualClock{});
  CAPTURE(result.report.message);
  check_requests(c, line);
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const GoldenReading& want = c.readings[i];
    const Reading& got = result.readings[i].reading;
    CAPTURE(want.signal);
    CHECK(got.quality == Quality{.validity = want.validity, .maintenance = want.maintenance});
    CHECK(std::isnan(got.value) == std::isnan(want.value));
    if (!std::isnan(want.value)) CHECK(got.value == want.value);
  }
}

}  // namespace

TEST_CASE("profiles: each with signals has its golden file, and the other way round") {
  const auto profiles = names_with_signals();
  CHECK(profiles == names_in("tests/golden/modbus", ".txt"));
  CHECK(profiles.size() >= 20);
}

TEST_CASE("profiles: the golden frames read as they must, through the real bus driver") {
  for (const std::string& name : names_with_signals()) {
    CAPTURE(name);
    const DeviceProfile profile = profile_named(name);
    const GoldenFile golden = golden_named(name);
    REQUIRE(golden.unit > 0);
    std::set<std::string> read;
    for (const GoldenCase& c : golden.cases) {
      CAPTURE(c.title);
      play(profile, golden.unit, c);
      for (const GoldenReading& r : c.readings) read.insert(r.signal);
    }
    for (const SignalProfile& s : profile.signals) {
      CAPTURE(s.name);
      CHECK(read.contains(s.name));
    }
  }
}

TEST_CASE("profiles: each golden file shows every quality its profile can tell") {
  for (const std::string& name : names_with_signals()) {
    CAPTURE(name);
    const DeviceProfile profile = profile_named(name);
    std::set<QualityFlag> told;
    for (const StatusProfile& status : profile.statuses) {
      for (const StatusBit& bit : status.bits) told.insert(bit.means);
      for (const StatusCode& code : status.codes) told.insert(code.means);
    }
    for (const SignalProfile& signal : profile.signals) {
      for (const RawMeaning& meaning : signal.raw_meanings) told.insert(meaning.means);
    }
    std::set<std::string_view> shown;
    for (const GoldenCase& c : golden_named(name).cases) {
      for (const GoldenReading& r : c.readings) {
        shown.insert(to_string(r.validity));
        shown.insert(to_string(r.maintenance));
      }
    }
    constexpr std::string_view words[] = {"over_range",   "under_range", "sensor_fault",
                                          "disconnected", "calibrating", "warming_up",
                                          "low_supply",   "inhibited",   "forced"};
    for (const QualityFlag flag : told) {
      const std::string_view word = words[static_cast<std::size_t>(flag)];
      CAPTURE(word);
      CHECK(shown.contains(word));
    }
  }
}
