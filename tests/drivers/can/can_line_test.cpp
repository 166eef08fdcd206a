#include "drivers/can/can_line.hpp"

#include <array>

#include <doctest/doctest.h>

#include "drivers/can/fake_can_socket.hpp"
#include "drivers/can/socket_can.hpp"
#include "proto/base/manual_clock.hpp"

using namespace davy;

namespace {

constexpr Duration wait{100};
const CanFrame gas = classic_frame({.number = 0x287}, 1, 2);

// Error classes of the kernel, as <linux/can/error.h> numbers them.
constexpr std::uint32_t controller = 0x004;
constexpr std::uint32_t protocol = 0x008;
constexpr std::uint32_t ack = 0x020;
constexpr std::uint32_t off = 0x040;
constexpr std::uint32_t restarted = 0x100;

struct Bench {
  ManualClock clock;
  FakeCanSocket* socket = nullptr;
  std::unique_ptr<CanLine> line;
  std::array<CanArrival, 8> out;

  Bench() {
    auto made = std::make_unique<FakeCanSocket>();
    socket = made.get();
    line = std::make_unique<CanLine>("can0", std::move(made), clock);
  }
  CanReport read() { return line->read(out, wait); }
  std::int64_t now_ns() const { return to_ms(clock.wall()) * 1'000'000; }
  void put(const CanFrame& frame) { socket->waiting.push_back({.frame = frame, .stamp_ns = now_ns()}); }
  void put_error(std::uint32_t classes, std::uint8_t controller_state = 0, std::uint8_t kind = 0) {
    SocketFrame error{.frame = {.id = {.number = classes}, .size = 8}, .is_error = true};
    error.frame.data[1] = controller_state;
    error.frame.data[2] = kind;
    socket->waiting.push_back(error);
  }
};

}  // namespace

TEST_CASE("can line: opens by itself and gives frames in their order with their time") {
  Bench b;
  b.put(gas);
  b.clock.advance(Duration{40});  // it waits while nobody reads
  b.put(classic_frame({.number = 0x288}, 9));
  const Now now = read(b.clock);
  const CanReport report = b.read();
  REQUIRE(report.frames == 2);
  CHECK(report.condition == CanCondition::active);
  CHECK(report.message.empty());
  CHECK(b.out[0].frame == gas);
  CHECK(b.out[0].arrived.wall == now.wall - Duration{40});
  CHECK(b.out[0].arrived.steady == now.steady - Duration{40});
  CHECK(b.out[1].arrived.steady == now.steady);
  CHECK(b.line->counters().received == 2);
  CHECK(b.socket->opened == 1);
}

TEST_CASE("can line: a stamp ahead of the clock counts as now, one without a stamp too") {
  Bench b;
  b.put(gas);
  b.socket->waiting.push_back({.frame = gas});
  b.clock.set_wall(b.clock.wall() - std::chrono::hours{1});
  CHECK(b.read().frames == 2);
  CHECK(b.out[0].arrived.steady == b.clock.steady());
  CHECK(b.out[1].arrived.steady == b.clock.steady());
  CHECK(b.out[1].arrived.wall == b.clock.wall());
}

TEST_CASE("can line: no more than asked for, the rest the next time") {
  Bench b;
  for (int i = 0; i < 10; ++i) b.put(gas);
  CHECK(b.read().frames == 8);
  CHECK(b.read().frames == 2);
  CHECK(b.read().frames == 0);
}

TEST_CASE("can line: error frames are counted by what they tell") {
  Bench b;
  b.put_error(protocol | ack, 0, 0x01 | 0x04);  // bit and stuff
  b.put_error(controller, 0x01);                // the controller's buffer ran over
  b.put_error(controller, 0x08);                // warning
  CanReport report = b.read();
  CHECK(report.frames == 0);
  CHECK(report.condition == CanCondition::warning);
  CHECK(report.hears());
  const CanCounters& counters = b.line->counters();
  CHECK(counters.error_frames == 3);
  CHECK(counters.of(CanErrorKind::bit) == 1);
  CHECK(counters.of(CanErrorKind::stuff) == 1);
  CHECK(counters.of(CanErrorKind::form) == 0);
  CHECK(counters.of(CanErrorKind::no_ack) == 1);
  CHECK(counters.of(CanErrorKind::rx_overflow) == 1);
  b.put_error(controller, 0x20);
  CHECK(b.read().condition == CanCondition::passive);
  b.put_error(controller, 0x40);
  report = b.read();
  CHECK(report.condition == CanCondition::active);
  CHECK(report.worst == CanCondition::passive);
}

TEST_CASE("can line: bus-off is told at once, with why, and so is the way back") {
  Bench b;
  b.read();
  b.put_error(ack);
  b.put_error(off);
  CanReport report = b.read();
  CHECK(report.condition == CanCondition::bus_off);
  CHECK_FALSE(report.hears());
  CHECK(report.message.find("can0: the controller has gone off the bus (bus_off)") != std::string::npos);
  CHECK(b.line->counters().bus_offs == 1);
  CHECK(b.read().condition == CanCondition::bus_off);  // until it is back

  SUBCASE("restarted") { b.put_error(restarted); }
  SUBCASE("or heard again, should that have been lost") { b.put(gas); }
  SUBCASE("or told by the interface") { b.socket->changes_to = CanLink::up; }
  report = b.read();
  CHECK(report.condition == CanCondition::active);
  CHECK(report.message.empty());
  CHECK(b.line->counters().recoveries == 1);
  CHECK(b.line->counters().losses == 0);
}

TEST_CASE("can line: a bus that was off between two reads shows in the worst condition") {
  Bench b;
  b.read();
  b.put_error(off);
  b.put_error(restarted);
  const CanReport report = b.read();
  CHECK(report.condition == CanCondition::active);
  CHECK(report.worst == CanCondition::bus_off);
  CHECK(b.read().worst == CanCondition::active);
}

TEST_CASE("can line: a controller that was off before we came is found off") {
  Bench b;
  b.socket->state = CanLink::stopped;
  CHECK(b.read().condition == CanCondition::bus_off);
}

TEST_CASE("can line: an interface that goes away is port_lost, and opened again when it is back") {
  Bench b;
  CHECK(b.read().condition == CanCondition::active);
  SUBCASE("switched off") { b.socket->changes_to = CanLink::down; }
  SUBCASE("unplugged") { b.socket->changes_to = CanLink::absent; }
  CanReport report = b.read();
  CHECK(report.condition == CanCondition::port_lost);
  CHECK(report.message.find("can0") != std::string::npos);
  CHECK(b.line->counters().losses == 1);
  CHECK(b.read().condition == CanCondition::port_lost);
  CHECK(b.line->counters().losses == 1);  // still the same one
  CHECK_FALSE(b.line->send(gas).has_value());
  CHECK(b.line->counters().refused == 1);

  b.socket->changes_to = CanLink::up;
  CHECK(b.read().condition == CanCondition::active);  // within the read that sees it
  b.put(gas);
  CHECK(b.read().frames == 1);
}

TEST_CASE("can line: a read that fails loses the port, even if the interface is up again by then") {
  Bench b;
  b.put(gas);
  b.socket->lost = true;
  CHECK(b.read().condition == CanCondition::port_lost);
  const CanReport report = b.read();
  CHECK(report.condition == CanCondition::active);
  CHECK(report.worst == CanCondition::port_lost);
  CHECK(b.socket->opened == 2);
}

TEST_CASE("can line: an interface that never was up is no loss, and is waited for") {
  Bench b;
  b.socket->state = CanLink::down;
  CHECK(b.read().condition == CanCondition::port_lost);
  CHECK(b.line->counters().losses == 0);
  REQUIRE(b.socket->waits.size() == 1);  // no turning round
  CHECK(b.socket->waits[0] == wait);
}

TEST_CASE("can line: what the kernel dropped is counted, across its own counter's end") {
  Bench b;
  for (const std::uint32_t total : {0U, 3U, 3U, 10U}) {
    b.socket->waiting.push_back({.frame = gas, .dropped = total});
  }
  b.read();
  CHECK(b.line->counters().dropped == 10);
  b.socket->waiting.push_back({.frame = gas, .dropped = 0xFFFF'FFFFU});
  b.socket->waiting.push_back({.frame = gas, .dropped = 4});
  b.read();
  CHECK(b.line->counters().dropped == 0xFFFF'FFFFU + std::uint64_t{5});
}

TEST_CASE("can line: a flood of error frames lets others work") {
  Bench b;
  for (int i = 0; i < 10'000; ++i) b.put_error(protocol, 0, 0x01);
  b.read();
  CHECK(b.line->counters().error_frames < 1000);
}

TEST_CASE("can line: sends, and says when there is no room") {
  Bench b;
  CHECK(b.line->send(gas).has_value());
  CHECK(b.socket->sent.size() == 1);
  b.socket->refuses = Errc::full;
  const Status refused = b.line->send(gas);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::full);
  CHECK(b.line->counters().sent == 1);
  CHECK(b.line->counters().refused == 1);
}

TEST_CASE("hardware stamp: a kernel that comes late does not make a frame late") {
  HardwareStamp stamp;
  constexpr std::int64_t ms = 1'000'000;
  constexpr std::int64_t zero = 1'700'000'000'000 * ms;  // of the system when the controller's clock was 0
  std::int64_t worst = 0;
  for (std::int64_t i = 1; i < 100'000; ++i) {
    const std::int64_t hardware = i * 10 * ms;
    const std::int64_t drifted = zero + hardware + hardware / 20'000;  // 50 ppm
    const std::int64_t kernel = drifted + (i * 7919 % 20) * ms;        // up to 19 ms late
    const std::int64_t told = stamp.system_time(hardware, kernel);
    CHECK(told <= kernel);
    if (i > 100) worst = std::max(worst, std::abs(told - drifted));
  }
  CHECK(worst < 2 * ms);
}

TEST_CASE("hardware stamp: clocks that are set and controllers that start anew begin anew") {
  HardwareStamp stamp;
  CHECK(stamp.system_time(1'000, 5'000'000'000) == 5'000'000'000);
  CHECK(stamp.system_time(2'000, 5'000'001'500) == 5'000'001'000);
  CHECK(stamp.system_time(3'000, 9'000'000'000) == 9'000'000'000);  // the clock was set on
  CHECK(stamp.system_time(4'000, 1'000'000'000) == 1'000'000'000);  // and back
  CHECK(stamp.system_time(10, 1'000'005'000) == 1'000'005'000);     // the controller was reset
}

TEST_CASE("socket: an interface that does not exist is told so, and waited for") {
  ManualClock clock;
  auto bus = make_can_bus({.interface = "nocan7"}, clock);
  std::array<CanArrival, 1> out;
  const CanReport report = bus->read(out, Duration{1});
  CHECK(report.condition == CanCondition::port_lost);
  CHECK(report.message.find("CAN interface nocan7: does not exist; is its adapter plugged in") == 0);
  for (const char* name : {"", "a-name-that-is-too-long"}) {
    auto none = make_can_bus({.interface = name}, clock);
    CHECK(none->read(out, Duration{1}).message.find("1 to 15 characters") != std::string::npos);
  }
}

TEST_CASE("filters: an id, and a parameter group whoever sends it") {
  const CanFilter one{.id = {.number = 0x287}};
  CHECK(one.passes({.number = 0x287}));
  CHECK_FALSE(one.passes({.number = 0x286}));
  CHECK_FALSE(one.passes({.number = 0x287, .extended = true}));
  const CanFilter wind = group_filter(130306);
  CHECK(wind.passes({.number = 0x09FD0216, .extended = true}));
  CHECK(wind.passes({.number = 0x0DFD0220, .extended = true}));
  CHECK_FALSE(wind.passes({.number = 0x0DFD0320, .extended = true}));
  const CanFilter addressed = group_filter(59904);
  CHECK(addressed.passes({.number = 0x18EA0E21, .extended = true}));
  CHECK(parameter_group(0x18EA0E21) == 59904);
  CHECK(parameter_group(0x0DFD0220) == 130306);
}
