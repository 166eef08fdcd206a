#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "drivers/can/candump_log.hpp"
#include "drivers/can/socket_can.hpp"
#include "proto/base/system_clock.hpp"

// Runs in the virtual machine that boot_test.py starts: can0 and can1 are two controllers on one bus, vcan0
// is the kernel's own. The other end are can-utils and iproute2, which know nothing of Davy.
using namespace davy;

namespace {

const SystemClock wall_clock;
constexpr Duration patience{10'000};

void run(const std::string& command) {
  INFO(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

class Bus {
 public:
  explicit Bus(SocketCanSettings settings) : bus_{make_can_bus(std::move(settings), wall_clock)} {
    CHECK(step(Duration{0}).condition == CanCondition::active);
  }

  CanReport step(Duration wait = Duration{200}) {
    const CanReport report = bus_->read(out_, wait);
    for (std::size_t i = 0; i < report.frames; ++i) arrivals.push_back(out_[i]);
    if (!report.message.empty()) message = report.message;
    return report;
  }
  // Reads until `done`, or for too long.
  template <typename Done>
  bool until(Done done) {
    const SteadyTime end = wall_clock.steady() + patience;
    while (!done(step())) {
      if (wall_clock.steady() > end) return false;
    }
    return true;
  }
  bool until(CanCondition condition) {
    return until([&](const CanReport& report) { return report.condition == condition; });
  }
  bool until_frames(std::size_t count) {
    return until([&](const CanReport&) { return arrivals.size() >= count; });
  }
  CanBus& port() { return *bus_; }
  const CanCounters& counters() const { return bus_->counters(); }

  std::vector<CanArrival> arrivals;
  std::string message;

 private:
  std::unique_ptr<CanBus> bus_;
  std::array<CanArrival, 64> out_;
};

const CanFilter gas{.id = {.number = 0x287}};

}  // namespace

TEST_CASE("guest: the kernel passes what is wanted and nothing else, with its time") {
  Bus bus{{.interface = "can0", .wanted = {gas, group_filter(0xFEEF)}}};
  const WallTime before = wall_clock.wall();
  run("cansend can1 123#00");
  run("cansend can1 287#0102");
  run("cansend can1 00000287#FF");      // the same number, extended
  run("cansend can1 287#R");            // a request
  run("cansend can1 0CFEEF21#AABBCC");  // the group, from another sender
  run("cansend can1 0CFEF021#00");
  run("cansend can1 287#0304");
  const WallTime after = wall_clock.wall();
  REQUIRE(bus.until_frames(3));
  bus.step();
  REQUIRE(bus.arrivals.size() == 3);
  CHECK(bus.arrivals[0].frame == classic_frame({.number = 0x287}, 1, 2));
  CHECK(bus.arrivals[1].frame == classic_frame({.number = 0x0CFEEF21, .extended = true}, 0xAA, 0xBB, 0xCC));
  CHECK(bus.arrivals[2].frame == classic_frame({.number = 0x287}, 3, 4));
  for (const CanArrival& arrival : bus.arrivals) {
    CHECK(arrival.arrived.wall >= before);
    CHECK(arrival.arrived.wall <= after);
    CHECK(arrival.arrived.steady <= wall_clock.steady());
  }
  // Read all at once, and yet each has its own time.
  CHECK(bus.arrivals[0].arrived.wall < bus.arrivals[2].arrived.wall);
}

TEST_CASE("guest: candump sees what we send") {
  Bus bus{{.interface = "can0", .wanted = {gas}}};
  run("candump -L -n 1 can1,607:7FF > /tmp/dump &");
  const CanFrame request = classic_frame({.number = 0x607}, 0x40, 0x18, 0x10, 1, 0, 0, 0, 0);
  std::string line;
  for (int i = 0; i < 50 && line.empty(); ++i) {  // until candump listens
    REQUIRE(bus.port().send(request).has_value());
    bus.step();
    std::getline(std::ifstream{"/tmp/dump"}, line);
  }
  const auto seen = read_candump_line(line);
  REQUIRE(seen.has_value());
  REQUIRE(seen->has_value());
  CHECK((*seen)->frame == request);
  CHECK((*seen)->interface == "can1");
  CHECK(bus.arrivals.empty());  // our own frames are no news to us
}

TEST_CASE("guest: an interface switched off is lost at once, and back by itself") {
  Bus bus{{.interface = "can0", .wanted = {gas}}};
  run("/bin/ip link set can0 down");
  CHECK(bus.step().condition == CanCondition::port_lost);
  CHECK(bus.message.find("can0 is down; ip link set can0 up") != std::string::npos);
  CHECK_FALSE(bus.port().send(classic_frame({.number = 1})).has_value());
  CHECK(bus.step(Duration{50}).condition == CanCondition::port_lost);
  run("/bin/ip link set can0 up");
  CHECK(bus.until(CanCondition::active));
  run("cansend can1 287#05");
  CHECK(bus.until_frames(1));
  CHECK(bus.counters().losses == 1);
}

TEST_CASE("guest: an adapter pulled out is lost at once, and back when it is plugged in") {
  Bus bus{{.interface = "can0", .wanted = {gas}}};
  run("busybox readlink -f /sys/class/net/can0/device > /tmp/device");
  std::string device;
  std::getline(std::ifstream{"/tmp/device"}, device);
  device = device.substr(device.rfind('/') + 1);
  run("echo " + device + " > /sys/bus/pci/drivers/kvaser_pci/unbind");
  CHECK(bus.until(CanCondition::port_lost));
  CHECK(bus.message.find("CAN interface can0") == 0);
  run("echo " + device + " > /sys/bus/pci/drivers/kvaser_pci/bind");
  CHECK(bus.step().condition == CanCondition::port_lost);  // not up yet
  run("/bin/ip link set can0 up type can bitrate 500000 restart-ms 100");
  CHECK(bus.until(CanCondition::active));
  run("cansend can1 287#06");
  CHECK(bus.until_frames(1));
}

TEST_CASE("guest: bus-off is told at once, and so is the way back") {
  // The emulated controllers never fail, so the error frames are put in: on the kernel's own bus, where they
  // take the same way to the socket.
  Bus bus{{.interface = "vcan0", .wanted = {gas}}};
  run("cansend vcan0 20000004#0008000000006000");
  CHECK(bus.until(CanCondition::warning));
  run("cansend vcan0 20000028#0000010000000000");  // bit error, no acknowledgement
  run("cansend vcan0 20000040#0000000000000000");
  CHECK(bus.until(CanCondition::bus_off));
  CHECK(bus.message.find("gone off the bus") != std::string::npos);
  CHECK(bus.counters().of(CanErrorKind::no_ack) == 1);
  CHECK(bus.counters().of(CanErrorKind::bit) == 1);
  run("cansend vcan0 20000100#0000000000000000");
  CHECK(bus.until(CanCondition::active));
  CHECK(bus.counters().bus_offs == 1);
  CHECK(bus.counters().recoveries == 1);
  CHECK(bus.arrivals.empty());
}

TEST_CASE("guest: a frame of CAN FD is read whole and does no harm") {
  Bus bus{{.interface = "vcan0", .wanted = {gas}}};
  run("cansend vcan0 287##1000102030405060708090A0B0C0D0E0F");
  run("cansend vcan0 287#01");
  REQUIRE(bus.until_frames(2));
  CHECK(bus.arrivals[0].frame.size == 16);
  CHECK(bus.arrivals[0].frame.data[15] == 0x0F);
  CHECK(bus.arrivals[1].frame.size == 1);
}

TEST_CASE("guest: frames that the kernel had to drop are counted, every one") {
  Bus slow{{.interface = "vcan0", .wanted = {gas}}};
  Bus fast{{.interface = "vcan0", .wanted = {{.id = {.number = 1}}}}};
  constexpr std::uint64_t flood = 20'000;
  for (std::uint64_t i = 0; i < flood; ++i) {
    REQUIRE(fast.port().send(classic_frame({.number = 0x287}, i & 0xFFU, i >> 8U)).has_value());
  }
  while (slow.step(Duration{0}).frames > 0) continue;
  REQUIRE(fast.port().send(classic_frame({.number = 0x287})).has_value());  // carries the count
  slow.step();
  CHECK(slow.counters().dropped > 0);
  CHECK(slow.counters().received + slow.counters().dropped == flood + 1);
}
