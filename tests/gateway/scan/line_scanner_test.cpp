#include "gateway/scan/line_scanner.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/assert.hpp"
#include "proto/base/manual_clock.hpp"
#include "proto/wire/profile.hpp"

using namespace davy;
using namespace std::chrono_literals;

namespace {

constexpr int patience_ms = 10'000;  // a busy machine

// The reader's end, on a port of the loopback.
class Peer {
 public:
  Peer() : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    DAVY_ASSERT(::bind(listener_, any, size) == 0 && ::listen(listener_, 8) == 0);
    DAVY_ASSERT(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Peer() {
    hang_up();
    ::close(listener_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void accept() {
    peer_ = ::accept(listener_, nullptr, nullptr);
    REQUIRE(peer_ >= 0);
  }
  void send(std::string_view text) {
    REQUIRE(::send(peer_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (peer_ >= 0) ::close(peer_);
    peer_ = -1;
  }
  std::uint16_t port() const { return port_; }

 private:
  int listener_ = -1;
  int peer_ = -1;
  std::uint16_t port_ = 0;
};

// Knows the one socket that is watched, as a poller would.
class OneWatch final : public SocketWatch {
 public:
  void watch(int socket, bool writable) override {
    socket_ = socket;
    writable_ = writable;
  }
  void forget(int socket) override {
    CHECK(socket == socket_);
    socket_ = -1;
  }
  int socket() const { return socket_; }
  bool wait() const {
    pollfd waiting{
        .fd = socket_, .events = static_cast<short>(POLLIN | (writable_ ? POLLOUT : 0)), .revents = 0};
    return ::poll(&waiting, 1, patience_ms) == 1;
  }

 private:
  int socket_ = -1;
  bool writable_ = false;
};

struct Bench {
  Bench() : profile{std::move(*load_profile("drivers/profiles/generic-tag-lines.textproto"))} {
    settings.endpoint = LineSettings{"127.0.0.1", peer.port()};
    scanner = std::make_unique<LineScanner>(settings, std::get<TagLinesProfile>(*profile.tag_reader),
                                            BatchDesk{0U, settings, {}, clock, sink}, watch, clock.steady());
  }
  SteadyTime step() {
    const SteadyTime due = scanner->step(read(clock));
    std::vector<BusBatch> got;
    sink.drain(got);
    for (const BusBatch& batch : got) {
      batches += 1;
      counts = batch.counts;
      for (const Sighting& sighting : batch.sightings) {
        CHECK(sighting.reader == "reader-7");
        tags[sighting.tag] += 1;
      }
      events.insert(events.end(), batch.events.begin(), batch.events.end());
    }
    return due;
  }
  // What the peer has sent is there.
  SteadyTime step_when_ready() {
    REQUIRE(watch.wait());
    return step();
  }
  void connect() {
    step();
    if (watch.socket() >= 0) step_when_ready();
    peer.accept();
  }
  std::size_t count(EventKind kind) const {
    return static_cast<std::size_t>(std::ranges::count(events, kind, &Event::kind));
  }

  ManualClock clock;
  BatchInbox sink{1000};
  Peer peer;
  OneWatch watch;
  DeviceProfile profile;
  BusSettings settings{.name = "lines-7", .devices = {{.name = "reader-7", .is_tag_reader = true}}};
  std::unique_ptr<LineScanner> scanner;
  std::size_t batches = 0;
  BusCounts counts;
  std::map<std::uint64_t, int> tags;
  std::vector<Event> events;
};

std::string line(int number, int tag, bool sos = false) {
  char out[80];
  std::snprintf(out, sizeof out, "$TAG,%d,%X,-1.5,-60,0.0,%d,0\r\n", number, tag, sos ? 1 : 0);
  return out;
}

}  // namespace

TEST_CASE("line scanner: 80 tags come once, together, and a gap in their numbers is told") {
  Bench bench;
  bench.connect();
  std::string text;
  for (int i = 1; i <= 80; ++i) text += line(i, 70000 + i);
  bench.peer.send(text);
  bench.step_when_ready();
  CHECK(bench.tags.size() == 80);
  CHECK(bench.events.empty());
  bench.peer.send(line(91, 7));
  bench.clock.advance(100ms);
  bench.step_when_ready();
  REQUIRE(bench.count(EventKind::input_lost) == 1);
  CHECK(bench.events[0].first == 10);
  CHECK(bench.events[0].text.starts_with("lines-7/reader-7: "));
  CHECK(bench.scanner->counters().lost == 10);
}

TEST_CASE("line scanner: sightings go on ten times a second, a call for help at once") {
  Bench bench;
  bench.connect();
  bench.peer.send(line(1, 1));
  bench.step_when_ready();
  CHECK(bench.tags.size() == 1);
  bench.peer.send(line(2, 2));
  const SteadyTime due = bench.step_when_ready();
  CHECK(bench.tags.size() == 1);
  CHECK(due == bench.clock.steady() + 100ms);
  bench.peer.send(line(3, 3, true));
  bench.step_when_ready();
  CHECK(bench.tags.size() == 3);
}

TEST_CASE("line scanner: a connection that is lost is told once, tried again, and over with the next line") {
  Bench bench;
  bench.connect();
  bench.peer.send(line(1, 1) + "$TAG,2,");
  bench.step_when_ready();
  bench.peer.hang_up();
  bench.step_when_ready();
  REQUIRE(bench.count(EventKind::bus_fault) == 1);
  CHECK(bench.events[0].text.find("has closed the connection") != std::string::npos);
  CHECK(bench.watch.socket() == -1);
  bench.clock.advance(1s);
  bench.connect();
  CHECK(bench.count(EventKind::bus_restored) == 0);  // connected is not heard
  bench.peer.send(line(2, 2));
  bench.clock.advance(100ms);
  bench.step_when_ready();
  CHECK(bench.count(EventKind::bus_restored) == 1);
  CHECK(bench.count(EventKind::input_lost) == 0);
  CHECK(bench.tags.size() == 2);
  CHECK(bench.counts.failed_requests == 1);
}

TEST_CASE("line scanner: one that says nothing is silent; meanwhile every period is a sign of life") {
  Bench bench;
  bench.connect();
  const SteadyTime start = bench.clock.steady();
  while (bench.count(EventKind::bus_fault) == 0) {
    const SteadyTime due = bench.step();
    REQUIRE(due > bench.clock.steady());
    bench.clock.advance(due - bench.clock.steady());
    REQUIRE(bench.clock.steady() < start + 60s);
  }
  CHECK(bench.clock.steady() >= start + 30s);
  CHECK(bench.batches >= 30);
  CHECK(bench.events[0].text.find("silent for") != std::string::npos);
}
