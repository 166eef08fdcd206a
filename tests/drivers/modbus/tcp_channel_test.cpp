#include "drivers/modbus/tcp_channel.hpp"

#include <map>

#include <doctest/doctest.h>
#include <poll.h>

#include "proto/base/system_clock.hpp"
#include "tests/drivers/modbus/scripted_slave.hpp"

using namespace davy;
using namespace davy::test;

namespace {

// Steps one channel until everything that was asked is answered.
class Bench final : private SocketWatch, private ReplySink {
 public:
  explicit Bench(std::uint16_t port, std::uint32_t outstanding)
      : channel{{"127.0.0.1", port, outstanding}, *this} {}

  void run(std::size_t replies_wanted) {
    for (int tries = 0; replies.size() < replies_wanted && tries < 1000; ++tries) {
      channel.step(clock_.steady(), *this);
      pollfd poll{.fd = socket_, .events = static_cast<short>(writable_ ? POLLOUT : POLLIN), .revents = 0};
      ::poll(&poll, 1, 5);
    }
    REQUIRE(replies.size() == replies_wanted);
  }

 private:
  void watch(int socket, bool writable) override {
    socket_ = socket;
    writable_ = writable;
  }
  void forget(int) override { socket_ = -1; }
  void on_reply(std::uint32_t ticket, const BusReply& reply,
                std::span<const std::uint16_t> registers) override {
    order.push_back(ticket);
    replies[ticket] = reply;
    if (reply.ok()) values[ticket] = registers[0];
  }

  SystemClock clock_;
  int socket_ = -1;
  bool writable_ = false;

 public:
  TcpChannel channel;
  std::vector<std::uint32_t> order;
  std::map<std::uint32_t, BusReply> replies;
  std::map<std::uint32_t, std::uint16_t> values;
};

RegisterRead one_register(std::uint8_t unit, Duration timeout = Duration{3000}) {
  return {.unit = unit, .table = RegisterTable::holding, .count = 1, .reply_timeout = timeout};
}
Bytes reply_of(std::uint8_t transaction, std::uint8_t unit, std::uint8_t value) {
  return {0, transaction, 0, 0, 0, 5, unit, 3, 2, 0, value};
}

}  // namespace

TEST_CASE("tcp channel: several requests are under way at once, and replies find theirs in any order") {
  ScriptedServer server{{{}, {}, {reply_of(3, 3, 33) + reply_of(1, 1, 11) + reply_of(2, 2, 22)}}};
  Bench bench{server.port(), 3};
  for (std::uint8_t unit = 1; unit <= 3; ++unit) bench.channel.ask(unit, one_register(unit));
  CHECK(bench.channel.room() == 0);
  bench.run(3);
  CHECK(bench.order == std::vector<std::uint32_t>{3, 1, 2});
  CHECK(bench.values == std::map<std::uint32_t, std::uint16_t>{{1, 11}, {2, 22}, {3, 33}});
  CHECK(server.connections() == 1);
}

TEST_CASE("tcp channel: one silent unit of three costs the others nothing") {
  ScriptedServer server{{{reply_of(1, 1, 11)}, {}, {reply_of(3, 3, 33)}}};
  Bench bench{server.port(), 3};
  bench.channel.ask(1, one_register(1));
  bench.channel.ask(2, one_register(2, Duration{100}));
  bench.channel.ask(3, one_register(3));
  bench.run(3);
  CHECK(bench.replies[2].fault == BusFault::timeout);
  CHECK(bench.values == std::map<std::uint32_t, std::uint16_t>{{1, 11}, {3, 33}});
  CHECK(bench.order.back() == 2);
}

TEST_CASE("tcp channel: a connection that breaks ends every request that was under way, once") {
  ScriptedServer server{{{}, {{}, true}, {reply_of(3, 1, 44)}}};
  Bench bench{server.port(), 2};
  bench.channel.ask(1, one_register(1));
  bench.channel.ask(2, one_register(2));
  bench.run(2);
  CHECK(bench.replies[1].fault == BusFault::port_lost);
  CHECK(bench.replies[2].fault == BusFault::port_lost);
  bench.channel.ask(3, one_register(1));
  bench.run(3);
  CHECK(bench.values[3] == 44);
  CHECK(bench.order.size() == 3);
}
