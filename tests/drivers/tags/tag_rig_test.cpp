#include <atomic>
#include <map>
#include <string>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <doctest/doctest.h>

#include "drivers/modbus/tcp_bus.hpp"
#include "drivers/simulated/rig_ports.hpp"
#include "drivers/tags/tag_registers.hpp"
#include "proto/base/system_clock.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"
#include "tests/drivers/tags/tag_round.hpp"
#include "tests/support/temp_folder.hpp"

// A simulated reader behind a real Modbus TCP connection. Eighty tags pass it at 5 m/s, the most that a
// reader of a coal mine must cope with.
using namespace davy;
namespace asio = boost::asio;
using test::noon;

namespace {

constexpr int people = 80;
constexpr int sightings_each = 17;  // 40 m at 5 m/s, twice a second, both ends

// The rig's ports, served by a thread of their own; a test sets the rig's time.
class RunningRig {
 public:
  RunningRig(int slots, double seconds_between) {
    std::string text = "server { name: \"tcp\" port: " + std::to_string(port_) +
                       " device { name: \"reader-3\" unit: 9 tag_reader: true turnaround_ms: 0 tag_slots: " +
                       std::to_string(slots) + " } }\n";
    for (int i = 0; i < people; ++i) {
      text += "step { at_s: " + std::to_string(1 + i * seconds_between) +
              " tag_walk { reader: \"reader-3\" tag: " + std::to_string(70000 + i) +
              " speed_m_s: 5 reach_m: 20 every_s: 0.5 } }\n";
    }
    auto config = rig::parse_rig_config(text, folder_.file("rig.textproto"), "drivers/profiles");
    REQUIRE_MESSAGE(config, config.error().message);
    config_ = std::move(*config);
    air_ = std::make_unique<rig::RigAir>(*rig::RigAir::make(config_));
    std::vector<rig::RigDevice> devices;
    devices.emplace_back(config_.servers[0].devices[0], config_, *air_);
    auto server = rig::RigServerPort::open(context_, config_.servers[0], std::move(devices),
                                           [this] { return now.load(); });
    REQUIRE_MESSAGE(server, server.error().message);
    server_ = std::move(*server);
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~RunningRig() {
    context_.stop();
    thread_.join();
  }

  TcpSettings server() const { return {"127.0.0.1", port_}; }

  std::atomic<double> now{0};

 private:
  TempFolder folder_;
  std::uint16_t port_ = test::ScriptedServer{{}}.port();  // free a moment ago
  rig::RigConfig config_;
  std::unique_ptr<rig::RigAir> air_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> working_{context_.get_executor()};
  std::unique_ptr<rig::RigServerPort> server_;
  std::thread thread_;
};

WallTime wall_at(double seconds) { return noon + Duration{std::llround(seconds * 1000)}; }

// Asks every `poll` seconds of the rig's time until everybody has passed.
TagReport watch(RunningRig& rig, double poll, double until) {
  const SystemClock clock;
  TcpBus bus{rig.server(), clock};
  DeviceProfile profile = test::tag_profile("generic-tag-ring");
  profile.reply_timeout = Duration{5000};  // a busy machine
  const auto reader = make_tag_registers(profile, 9, "reader-3");
  TagReport report;
  for (int i = 0; i * poll <= until; ++i) {
    const double t = i * poll;
    rig.now = t;
    reader->start_round();
    while (const auto request = reader->next()) {
      const auto& read = std::get<RegisterRead>(*request);
      std::vector<std::uint16_t> registers(read.count);
      const BusReply reply = bus.read(read, registers);
      REQUIRE_MESSAGE(reply.ok(), reply.message);
      reader->on_reply(reply, registers, wall_at(t), report);
    }
  }
  return report;
}

void check_complete(const TagReport& report, double seconds_between) {
  CHECK(report.lost == 0);
  CHECK(report.repeated == 0);
  CHECK(report.unreadable == 0);
  CHECK_FALSE(report.restarted);
  REQUIRE(report.sightings.size() == people * sightings_each);
  std::map<std::uint64_t, int> seen;
  for (const Sighting& sighting : report.sightings) {
    const int i = seen[sighting.tag]++;
    const double at = 1 + static_cast<double>(sighting.tag - 70000) * seconds_between + i * 0.5;
    CAPTURE(sighting.tag);
    CAPTURE(i);
    CHECK(sighting.distance_cm == -2000 + i * 250);
    // The age is told in tenths of a second.
    CHECK(std::chrono::abs(sighting.source_time - wall_at(at)) <= Duration{51});
  }
  CHECK(seen.size() == people);
}

}  // namespace

TEST_CASE("tag rig: 80 tags that pass together at 5 m/s come through complete, asked once a second") {
  RunningRig rig{256, 0};
  check_complete(watch(rig, 1, 12), 0);
}

TEST_CASE("tag rig: 80 tags in a row at 5 m/s come through a ring of 32, asked every 0.2 s") {
  RunningRig rig{32, 0.1};
  check_complete(watch(rig, 0.2, 20), 0.1);
}

TEST_CASE("tag rig: what a ring of 12 cannot hold of 80 at once is told as lost, to the last one") {
  RunningRig rig{12, 0};
  const TagReport report = watch(rig, 0.5, 12);
  CHECK(report.sightings.size() == 12 * sightings_each);
  CHECK(report.lost == (people - 12) * sightings_each);
  CHECK(report.message.find("ask it more often") != std::string::npos);
}
