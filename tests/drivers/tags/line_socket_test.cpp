#include "drivers/tags/line_socket.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/tags/tag_line_reader.hpp"
#include "proto/base/assert.hpp"
#include "proto/base/freed.hpp"
#include "proto/base/system_clock.hpp"
#include "proto/wire/profile.hpp"

using namespace davy;
using State = LineSocket::State;

namespace {

constexpr int patience_ms = 10'000;  // a busy machine

bool ready(int descriptor, short events) {
  pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
  return ::poll(&waiting, 1, patience_ms) == 1;
}

// The other end, on a port of the loopback.
class Peer {
 public:
  explicit Peer(int backlog = 8) : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    DAVY_ASSERT(::bind(listener_, any, size) == 0 && ::listen(listener_, backlog) == 0);
    DAVY_ASSERT(::getsockname(listener_, any, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Peer() {
    hang_up();
    stop_listening();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void accept() {
    REQUIRE(ready(listener_, POLLIN));
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
  void stop_listening() {
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
  }
  LineSocketSettings settings() const { return {.host = "127.0.0.1", .port = port_}; }

 private:
  int listener_ = -1;
  int peer_ = -1;
  std::uint16_t port_ = 0;
};

const SteadyTime start = steady_from_ms(1'000'000);

// Steps as a loop would: when something is there.
std::string_view step_when_ready(LineSocket& socket, SteadyTime now) {
  REQUIRE(socket.descriptor() >= 0);
  REQUIRE(ready(socket.descriptor(), socket.wanted_events()));
  return socket.step(now);
}

void connect(LineSocket& socket, Peer& peer, SteadyTime now) {
  socket.step(now);
  if (socket.state() == State::connecting) step_when_ready(socket, now);
  REQUIRE(socket.state() == State::connected);
  peer.accept();
}

}  // namespace

TEST_CASE("line socket: it connects and gives what comes, and nothing when nothing is there") {
  Peer peer;
  LineSocket socket{peer.settings()};
  CHECK(socket.descriptor() == -1);
  CHECK(socket.message() == "not connected yet");
  CHECK(socket.next_due() <= start);
  connect(socket, peer, start);
  CHECK(socket.message().empty());
  CHECK(socket.step(start).empty());
  CHECK(socket.state() == State::connected);
  peer.send("hello\n");
  CHECK(step_when_ready(socket, start + Duration{10}) == "hello\n");
  CHECK(socket.step(start + Duration{10}).empty());
  CHECK(socket.next_due() == start + Duration{30'010});
  CHECK(socket.connections() == 1);
}

TEST_CASE("line socket: who refuses is asked again less and less often") {
  Peer peer;
  peer.stop_listening();
  LineSocket socket{peer.settings()};
  SteadyTime now = start;
  for (const int wait_s : {1, 2, 4, 8, 16, 30, 30}) {
    CAPTURE(wait_s);
    socket.step(now);
    if (socket.state() == State::connecting) step_when_ready(socket, now);
    CHECK(socket.state() == State::waiting);
    CHECK(socket.message().find(": refused; is this its port") != std::string::npos);
    CHECK(socket.next_due() == now + std::chrono::seconds{wait_s});
    CHECK(socket.step(socket.next_due() - Duration{1}).empty());
    CHECK(socket.descriptor() == -1);
    now = socket.next_due();
  }
}

TEST_CASE("line socket: a peer that hangs up is connected again soon, once it has sent something") {
  Peer peer;
  LineSocket socket{peer.settings()};
  connect(socket, peer, start);
  peer.send("x\n");
  CHECK(step_when_ready(socket, start) == "x\n");
  peer.hang_up();
  CHECK(step_when_ready(socket, start).empty());
  CHECK(socket.state() == State::waiting);
  CHECK(socket.message().ends_with("has closed the connection"));
  CHECK(socket.next_due() == start + Duration{1000});
  connect(socket, peer, start + Duration{1000});
  CHECK(socket.connections() == 2);
  peer.hang_up();
  step_when_ready(socket, start + Duration{1000});
  CHECK(socket.next_due() == start + Duration{3000});  // it said nothing this time
}

TEST_CASE("line socket: a peer that is silent for too long counts as disconnected") {
  Peer peer;
  LineSocket socket{peer.settings()};
  connect(socket, peer, start);
  peer.send("x\n");
  step_when_ready(socket, start + Duration{5000});
  CHECK(socket.step(start + Duration{34'999}).empty());
  CHECK(socket.state() == State::connected);
  socket.step(start + Duration{35'000});
  CHECK(socket.state() == State::waiting);
  CHECK(socket.message().find("silent for 30000 ms") != std::string::npos);

  auto patient = peer.settings();
  patient.silent_after = Duration{0};
  Peer other;
  patient.port = other.settings().port;
  LineSocket for_ever{patient};
  connect(for_ever, other, start);
  for_ever.step(start + std::chrono::hours{100});
  CHECK(for_ever.state() == State::connected);
  CHECK(for_ever.next_due() == never);
}

TEST_CASE("line socket: a peer that does not answer is given up in time") {
  Peer peer{0};
  // Its queue is filled, so that the kernel answers no further one.
  std::array<int, 4> fillers{};
  for (int& filler : fillers) {
    filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(peer.settings().port);
    static_cast<void>(::connect(filler, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  }
  LineSocket socket{peer.settings()};
  socket.step(start);
  CHECK(socket.state() == State::connecting);
  CHECK(socket.wanted_events() == POLLOUT);
  socket.step(start + Duration{4999});
  CHECK(socket.state() == State::connecting);
  socket.step(start + Duration{5000});
  CHECK(socket.state() == State::waiting);
  CHECK(socket.message().find("does not answer; is it powered") != std::string::npos);
  for (const int filler : fillers) ::close(filler);
}

TEST_CASE("line socket: a name is not looked up, which would wait") {
  LineSocket socket{{.host = "reader-3.mine", .port = 4001}};
  socket.step(start);
  CHECK(socket.state() == State::waiting);
  CHECK(socket.message() == "tag reader reader-3.mine: is no IP address; names are not looked up");
}

TEST_CASE("tag lines: a peer in Python that cuts, hangs up and replays is read to the last line") {
  const std::unique_ptr<FILE, Freed<::pclose>> script{
      ::popen("exec python3 tests/drivers/tags/line_peer.py ", "re")};
  REQUIRE(script);
  std::array<char, 16> port{};
  if (std::fgets(port.data(), port.size(), script.get()) == nullptr) {
    MESSAGE("skipped: python3 is not installed");
    return;
  }
  const auto profile = load_profile("drivers/profiles/generic-tag-lines.textproto");
  REQUIRE(profile);
  // Gone before the script is waited for, which ends when its peer does.
  TagLineReader reader{std::get<TagLinesProfile>(*profile->tag_reader),
                       {.host = "127.0.0.1",
                        .port = static_cast<std::uint16_t>(std::atoi(port.data())),
                        .retry_wait_min = Duration{10}},
                       "r"};
  const SystemClock clock;
  const SteadyTime end = clock.steady() + Duration{patience_ms};
  TagReport report;
  while (clock.steady() < end && (report.sightings.empty() || report.sightings.back().tag != 71000)) {
    const auto wait = std::clamp(reader.next_due() - clock.steady(), Duration{0}, Duration{1000});
    pollfd waiting{.fd = reader.descriptor(), .events = reader.wanted_events(), .revents = 0};
    ::poll(&waiting, 1, static_cast<int>(wait.count()));
    reader.step(read(clock), report);
  }
  CHECK(reader.connected());
  REQUIRE(report.sightings.size() == 990);
  for (std::size_t i = 0; i < report.sightings.size(); ++i) {
    CHECK(report.sightings[i].tag == 70001 + i + (i >= 749 ? 10 : 0));
  }
  CHECK(report.lost == 10);
  CHECK(report.repeated == 10);
  CHECK(report.unreadable == 0);
  CHECK_FALSE(report.restarted);
}
