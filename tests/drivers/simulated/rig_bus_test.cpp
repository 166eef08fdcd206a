#include <atomic>
#include <cmath>
#include <filesystem>
#include <set>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <doctest/doctest.h>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/rtu_bus.hpp"
#include "drivers/modbus/solo_device.hpp"
#include "drivers/modbus/tcp_bus.hpp"
#include "drivers/simulated/rig_ports.hpp"
#include "drivers/simulated/simulated_bus.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/base/system_clock.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"
#include "tests/support/temp_folder.hpp"

// The simulated devices read with the drivers that will read the real ones.
using namespace davy;
namespace asio = boost::asio;

namespace {

const std::string profile_folder = "drivers/profiles";

rig::RigConfig parsed(const std::string& text, const std::string& file) {
  auto config = rig::parse_rig_config(text, file, profile_folder);
  if (!config) FAIL(config.error().message);
  return *std::move(config);
}

// Answers a SimulatedBus's requests from a rig's device.
BusReply answer_from(const rig::RigDevice& device, const RegisterRead& request,
                     std::span<std::uint16_t> out) {
  const auto pdu = request_pdu(request);
  return unpack_reply(request, device.answer(pdu, 0).pdu, out);
}

// A value that this signal can show: inside its range, and a whole number of its steps.
double showable(const SignalProfile& signal) {
  if (signal.encoding == Encoding::bit) return 1;
  const double low = signal.range_low.value_or(0);
  const double aim = signal.range_high ? (low + *signal.range_high) / 2 : low + 5 * std::abs(signal.scale);
  const double steps = std::round((aim - signal.offset) / signal.scale);
  return steps * signal.scale + signal.offset;
}

void check_signal(const std::string& profile_name, const std::string& signal_name) {
  const std::string head = "line { name: \"l\" link: \"l\" device { name: \"d\" unit: 3 profile: \"" +
                           profile_name + "\" signal { signal: \"" + signal_name + "\" constant: ";
  const rig::RigConfig empty = parsed(head + "0 } } }", "x");
  const std::uint32_t position = empty.lines[0].devices[0].signals[0].signal;
  const DeviceProfile& profile = empty.profiles[0];
  const double value = showable(profile.signals[position]);
  const rig::RigConfig config = parsed(head + std::to_string(value) + " } } }", "x");
  const auto air = rig::RigAir::make(config);
  REQUIRE(air);
  const rig::RigDevice simulated{config.lines[0].devices[0], config, *air};
  const ManualClock clock;
  SimulatedBus bus{clock};
  bus.serve(3, [&](const RegisterRead& request, SteadyTime, std::span<std::uint16_t> out) {
    return answer_from(simulated, request, out);
  });
  SoloDevice device{3, profile, {position}, Duration{100}};
  const RoundResult result = device.read(bus, clock);
  CAPTURE(result.report.message);
  const Reading out = result.readings[0].reading;
  CHECK(out.quality == Quality{});
  CHECK(std::abs(out.value - value) < std::abs(profile.signals[position].scale) * 0.51 + 1e-6);
}

constexpr const char* faults_text = R"(
line { name: "rtu" link: "rtu" baud: 115200
  device { name: "head1" unit: 1 profile: "generic-ch4-u16"
           signal { signal: "ch4" name: "T1" constant: 1.23 } }
  device { name: "head2" unit: 2 profile: "generic-ch4-u16"
           signal { signal: "ch4" name: "T2" constant: 4.56 } } }
server { name: "tcp" port: PORT
  device { name: "far" unit: 1 profile: "generic-ch4-u16"
           signal { signal: "ch4" name: "T3" constant: 0.78 } } }
)";
constexpr const char* kinds[] = {"SILENT",    "ANSWERS_AS_OTHER_UNIT", "BAD_CRC",
                                 "EXCEPTION", "SHORT_FRAME",           "LATE_REPLY"};
constexpr BusFault line_faults[] = {BusFault::timeout,   BusFault::wrong_unit,  BusFault::crc,
                                    BusFault::exception, BusFault::short_frame, BusFault::timeout};
constexpr BusFault tcp_faults[] = {BusFault::timeout,   BusFault::wrong_unit,  BusFault::malformed,
                                   BusFault::exception, BusFault::short_frame, BusFault::timeout};

// The i-th fault holds from second 10 (i + 1) on, for five seconds.
double during(std::size_t i) { return 10.0 * static_cast<double>(i + 1) + 1; }

// The rig's ports, served by a thread of their own; a test sets the rig's time.
class RunningRig {
 public:
  RunningRig() {
    std::string text = faults_text;
    text.replace(text.find("PORT"), 4, std::to_string(port_));
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
      for (const char* device : {"head1", "far"}) {
        text += "step { at_s: " + std::to_string(10 * (i + 1)) + " fault { device: \"" + device + "\" kind: ";
        text += std::string{kinds[i]} + " for_s: 5 } }\n";
      }
    }
    text += "step { at_s: 100 calibration { signal: \"T1\" to: 2 for_s: 40 } }\n";
    text += "step { at_s: 200 fault { device: \"head1\" kind: NO_HEAD for_s: 5 } }\n";
    config_ = parsed(text, folder_.file("rig.textproto"));
    air_ = std::make_unique<rig::RigAir>(*rig::RigAir::make(config_));
    const auto seconds = [this] { return now.load(); };
    auto line =
        rig::RigLinePort::open(context_, config_.lines[0], devices(config_.lines[0].devices), seconds);
    REQUIRE_MESSAGE(line, line.error().message);
    line_ = std::move(*line);
    auto server =
        rig::RigServerPort::open(context_, config_.servers[0], devices(config_.servers[0].devices), seconds);
    REQUIRE_MESSAGE(server, server.error().message);
    server_ = std::move(*server);
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~RunningRig() {
    context_.stop();
    thread_.join();
  }

  RtuSettings line() const { return {config_.lines[0].link, config_.lines[0].serial}; }
  TcpSettings server() const { return {"127.0.0.1", port_}; }
  const DeviceProfile& profile() const { return config_.profiles[0]; }

  std::atomic<double> now{0};

 private:
  std::vector<rig::RigDevice> devices(const std::vector<rig::DeviceSettings>& settings) const {
    std::vector<rig::RigDevice> out;
    for (const auto& device : settings) out.emplace_back(device, config_, *air_);
    return out;
  }

  TempFolder folder_;
  std::uint16_t port_ = test::ScriptedServer{{}}.port();  // free a moment ago
  rig::RigConfig config_;
  std::unique_ptr<rig::RigAir> air_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> working_{context_.get_executor()};
  std::unique_ptr<rig::RigLinePort> line_;
  std::unique_ptr<rig::RigServerPort> server_;
  std::thread thread_;
};

struct Head {
  Head(RegisterBus& b, std::uint8_t unit, const DeviceProfile& profile, Duration timeout)
      : bus{b}, device{unit, profile, {0}, timeout} {}
  DeviceReport read() {
    const RoundResult result = device.read(bus, clock);
    out[0] = result.readings[0].reading;
    return result.report;
  }

  RegisterBus& bus;
  SystemClock clock;
  SoloDevice device;
  std::array<Reading, 1> out;
};

constexpr Duration patient{1000};
constexpr Duration brief{150};

}  // namespace

TEST_CASE("rig: every signal of every profile, simulated, reads good and as it was set") {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{profile_folder}) {
    if (entry.path().extension() == ".textproto") names.insert(entry.path().stem().string());
  }
  CHECK(names.size() >= 20);
  for (const std::string& name : names) {
    CAPTURE(name);
    const auto profile = load_profile(profile_folder + "/" + name + ".textproto");
    REQUIRE(profile);
    if (profile->can) continue;  // a rig has no CAN
    for (const SignalProfile& signal : profile->signals) {
      CAPTURE(signal.name);
      check_signal(name, signal.name);
    }
  }
}

TEST_CASE("rig: each fault of a device on a line is told apart, and its neighbour never suffers") {
  RunningRig rig;
  RtuBus bus{rig.line()};
  Head first{bus, 1, rig.profile(), patient};
  Head first_in_haste{bus, 1, rig.profile(), brief};
  Head second{bus, 2, rig.profile(), patient};
  for (std::size_t i = 0; i < std::size(kinds); ++i) {
    CAPTURE(kinds[i]);
    rig.now = during(i);
    const DeviceReport report = first_in_haste.read();
    CAPTURE(report.message);
    CHECK(report.last_fault == line_faults[i]);
    CHECK(first_in_haste.out[0].quality.validity == Validity::bad_comm);
    rig.now = during(i) + 6;
    CHECK(second.read().failed == 0);
    CHECK(second.out[0].value == 4.56);
    CHECK(first.read().failed == 0);
    CHECK(first.out[0].value == 1.23);
  }
}

TEST_CASE("rig: each fault of a TCP device is told apart, and it recovers") {
  RunningRig rig;
  const SystemClock clock;
  TcpBus bus{rig.server(), clock};
  Head head{bus, 1, rig.profile(), patient};
  Head head_in_haste{bus, 1, rig.profile(), brief};
  for (std::size_t i = 0; i < std::size(kinds); ++i) {
    CAPTURE(kinds[i]);
    rig.now = during(i);
    const DeviceReport report = head_in_haste.read();
    CAPTURE(report.message);
    CHECK(report.last_fault == tcp_faults[i]);
    rig.now = during(i) + 6;
    // A reply that is 1.5 s late holds up the one behind it.
    for (int tries = 0; tries < 3 && head.read().failed > 0; ++tries) {}
    CHECK(head.out[0].value == 0.78);
    CHECK(head.out[0].quality == Quality{});
  }
}

TEST_CASE("rig: what a device says of itself arrives as quality") {
  RunningRig rig;
  RtuBus bus{rig.line()};
  Head head{bus, 1, rig.profile(), patient};
  rig.now = 120;
  CHECK(head.read().failed == 0);
  CHECK(head.out[0].quality == Quality{.maintenance = Maintenance::calibrating});
  CHECK(head.out[0].value == 2);
  rig.now = 201;
  CHECK(head.read().failed == 0);
  CHECK(head.out[0].quality == Quality{.validity = Validity::disconnected});
  CHECK(std::isnan(head.out[0].value));
  rig.now = 300;
  CHECK(head.read().failed == 0);
  CHECK(head.out[0].quality == Quality{});
}
