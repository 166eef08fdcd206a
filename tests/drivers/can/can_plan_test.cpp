#include "drivers/can/can_plan.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace davy;
using namespace std::chrono_literals;

namespace {

// A folder with one profile and its DBC file, and a bus with one device of it.
class Folder {
 public:
  Folder(const std::string& profile, const std::string& dbc) {
    fs::create_directories(path_);
    std::ofstream{path_ / "probe.textproto"} << "name: 'probe' maker: 'm' model: 'm' source: 's'\n"
                                             << profile;
    std::ofstream{path_ / "probe.dbc"} << dbc;
  }
  ~Folder() { fs::remove_all(path_); }

  GatewayConfig config(const std::string& device) const {
    auto parsed = parse_gateway_config(
        "mine: 'm' gateway: 'g' bus { name: 'b' can { interface: 'can0' } " + device + " }",
        "gateway.textproto", path_);
    if (!parsed) FAIL(parsed.error().message);
    return *std::move(parsed);
  }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  const fs::path path_ = fs::temp_directory_path() / ("davy_can_plan_" + std::to_string(::getpid()));
};

const std::string dbc = R"(BU_: A B
BO_ 407 Gas: 8 A
 SG_ Ch4 : 0|16@1+ (0.01,0) [0|0] "" B
 SG_ State : 16|8@1+ (1,0) [0|0] "" B
BO_ 1024 Fixed: 8 A
 SG_ Wind : 0|16@1+ (0.01,0) [0|0] "" B
BO_ 2566844414 Group: 8 A
 SG_ Dust : 0|16@1+ (1,0) [0|0] "" B
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 60000;
BA_ "GenMsgCycleTime" BO_ 1024 5000;
)";

const std::string canopen = R"(can {
  dbc: "probe.dbc"
  canopen { dbc_node: 23 heartbeat_ms: 1000 }
  signal { name: "ch4" message: "Gas" signal: "Ch4" period_ms: 200 range_low: 0 range_high: 4 }
  signal { name: "wind" message: "Fixed" signal: "Wind" range_low: 0 range_high: 15 }
  status { message: "Gas" signal: "State" period_ms: 200 code { raw: 1 means: CALIBRATING } }
})";

std::string replaced(std::string text, const std::string& find, const std::string& with) {
  return text.replace(text.find(find), find.size(), with);
}

std::string problem_of(const GatewayConfig& config) {
  const auto plans = plan_can_buses(config);
  return plans ? "" : plans.error().message;
}

}  // namespace

TEST_CASE("can plan: the unit takes the place of the DBC file's node, and no other id is touched") {
  const Folder folder{canopen, dbc};
  const auto config = folder.config(
      "device { name: 'a' unit: 5 profile: 'probe' point { name: 'A' signal: 'ch4' } }"
      "device { name: 'b' unit: 6 profile: 'probe' period_ms: 5000 point { name: 'B' signal: 'ch4' }"
      " point { name: 'W' signal: 'wind' } }");
  const auto plans = plan_can_buses(config);
  REQUIRE(plans);
  const CanPlan& plan = plans->at(0);
  REQUIRE(plan.devices.size() == 2);
  CHECK(plan.devices[0].node == 5);
  CHECK(plan.devices[0].heartbeat_silence == 3000ms);
  const auto id_of = [&](std::size_t device, std::size_t point) {
    return plan.wanted[plan.devices[device].points[point].place].message->id.number;
  };
  CHECK(id_of(0, 0) == 0x185);
  CHECK(id_of(1, 0) == 0x186);
  CHECK(id_of(1, 1) == 0x400);
  CHECK(plan.devices[0].points[0].statuses.size() == 1);
  const auto filters = plan.filters();
  for (const std::uint32_t id : {0x185U, 0x186U, 0x085U, 0x705U, 0x706U, 0x400U}) {
    CAPTURE(id);
    CHECK(std::ranges::find(filters, CanFilter{.id = {.number = id}}) != filters.end());
  }
  CHECK(filters.size() == 7);
}

TEST_CASE("can plan: a J1939 device is known by its address, or any sender will do") {
  const std::string profile = R"(can { dbc: "probe.dbc" j1939 {}
    signal { name: "dust" message: "Group" signal: "Dust" period_ms: 1000 range_low: 0 range_high: 9 } })";
  const Folder folder{profile, dbc};
  const auto filter_with = [&](const std::string& unit) {
    const auto config = folder.config("device { name: 'a' " + unit +
                                      " profile: 'probe' point { name: 'A' signal: 'dust' } }");
    return plan_can_buses(config)->at(0).wanted.at(0).filter;
  };
  const CanId sent{.number = 0x0CFEEF21, .extended = true};  // another priority
  CHECK(filter_with("").passes(sent));
  CHECK(filter_with("unit: 33").passes(sent));
  CHECK_FALSE(filter_with("unit: 34").passes(sent));
}

TEST_CASE("can plan: what the DBC file does not have is told at its place in the profile") {
  struct Row {
    const char* find;
    const char* with;
    const char* problem;
  };
  const Row rows[] = {
      {"message: \"Gas\" signal: \"Ch4\"", "message: \"Gass\" signal: \"Ch4\"",
       ":5:3: can.signal[0]: there is no message Gass in the DBC file"},
      {"signal: \"Ch4\"", "signal: \"CH4\"",
       ":5:3: can.signal[0]: there is no signal CH4 in message Gas; it has Ch4, State"},
      {"period_ms: 200 range_low", "range_low",
       ":5:3: can.signal[0]: nothing says how often message Gas is sent"},
      {"signal: \"State\"", "signal: \"Status\"", ":7:3: can.status[0]: there is no signal Status"},
      {"dbc: \"probe.dbc\"", "dbc: \"nowhere.dbc\"", ":3:3: can.dbc: "},
      {"canopen { dbc_node: 23 heartbeat_ms: 1000 }", "j1939 {}",
       ":5:3: can.signal[0]: message Gas has an id of 11 bits, which names no parameter group"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.with);
    const Folder folder{replaced(canopen, row.find, row.with), dbc};
    const std::string problem = problem_of(
        folder.config("device { name: 'a' unit: 5 profile: 'probe' point { name: 'A' signal: 'ch4' } }"));
    CAPTURE(problem);
    CHECK(problem.starts_with(folder.file("probe.textproto") + row.problem));
    CHECK(problem.find('\n') == std::string::npos);
  }
}

TEST_CASE("can plan: a profile by itself is checked against its DBC file, all mistakes at once") {
  const auto check = [](const std::string& profile) {
    const Folder folder{profile, dbc};
    const auto loaded = load_profile(folder.file("probe.textproto"));
    REQUIRE(loaded);
    const Status checked = check_dbc_names(*loaded->can, loaded->signals);
    return checked ? "" : checked.error().message;
  };
  CHECK(check(canopen) == "");
  const std::string told =
      check(replaced(replaced(canopen, "signal: \"Wind\"", "signal: \"Win\""), "\"State\"", "\"Stat\""));
  CHECK(told.find(":6:3: can.signal[1]: there is no signal Win in message Fixed") != std::string::npos);
  CHECK(told.find(":7:3: can.status[0]: there is no signal Stat in message Gas") != std::string::npos);
}

TEST_CASE("can plan: what comes less often than its point is expected is refused") {
  const Folder folder{canopen, dbc};
  const std::string problem = problem_of(
      folder.config("device { name: 'a' unit: 5 profile: 'probe' point { name: 'W' signal: 'wind' } }"));
  CHECK(problem.find(":6:3: can.signal[1]: is sent every 5000 ms, less often than point \"W\"") !=
        std::string::npos);
}

TEST_CASE("can plan: a mistake in the DBC file is told with its own line") {
  const Folder folder{canopen, replaced(dbc, "BO_ 1024 Fixed: 8 A", "BO_ 407 Fixed: 8 A")};
  const std::string problem = problem_of(
      folder.config("device { name: 'a' unit: 5 profile: 'probe' point { name: 'A' signal: 'ch4' } }"));
  CHECK(problem.find(folder.file("probe.dbc") + ":5:") != std::string::npos);
}

TEST_CASE("can plan: every shipped profile of a CAN device fits its DBC file") {
  std::size_t seen = 0;
  for (const auto& entry : fs::directory_iterator{"drivers/profiles"}) {
    if (entry.path().extension() != ".textproto") continue;
    const auto profile = load_profile(entry.path());
    REQUIRE(profile);
    if (!profile->can) continue;
    CAPTURE(profile->name);
    ++seen;
    std::string points;
    for (const SignalProfile& signal : profile->signals)
      points += " point { name: '" + signal.name + "' signal: '" + signal.name + "' }";
    const auto config = parse_gateway_config(
        "mine: 'm' gateway: 'g' bus { name: 'b' can { interface: 'can0' } device { name: 'd' " +
            std::string{profile->can->addressing == CanAddressing::canopen_node ? "unit: 7" : ""} +
            " profile: '" + profile->name + "'" + points + " } }",
        "gateway.textproto", "drivers/profiles");
    REQUIRE(config);
    CHECK(problem_of(*config) == "");
  }
  CHECK(seen >= 2);
}
