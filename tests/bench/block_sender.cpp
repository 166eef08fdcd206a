// Gateways with a backlog, as one process: sends prepared blocks over MQTT with TLS, a window of them at a
// time, until the host has acked them all. Started by host_bench.py with a broker and a host running.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "proto/base/system_clock.hpp"
#include "proto/link/paho_link.hpp"
#include "proto/model/range_set.hpp"
#include "proto/wire/messages.hpp"
#include "proto/wire/topics.hpp"
#include "tests/bench/prepared_blocks.hpp"

using namespace davy;

namespace {

constexpr std::size_t window = 128;  // blocks that the host has not acked

// Told by the links' threads that something has happened.
class News {
 public:
  void tell() {
    const std::lock_guard lock{mutex_};
    some_ = true;
    told_.notify_one();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    told_.wait(lock, [this] { return some_; });
    some_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  bool some_ = false;
};

class Sender {
 public:
  Sender(const std::string& mine, bench::PreparedGateway what, News& news)
      : mine_{mine}, what_{std::move(what)}, link_{[&news] { news.tell(); }} {}

  void connect(std::uint16_t port, const std::string& pki) {
    const std::string& name = what_.name;
    const LinkSettings settings{
        .host = "127.0.0.1",
        .port = port,
        .client_id = name,
        .tls = TlsPaths{pki + "/ca.crt", pki + "/" + name + ".crt", pki + "/" + name + ".key"},
        .will_topic = topic(mine_, name, TopicKind::state),
        .will_payload = encode_state({})};
    if (auto done = link_.connect(settings); !done) give_up(done.error().message);
  }

  void step() {
    events_.clear();
    link_.poll(events_);
    for (const LinkEvent& event : events_) {
      if (const auto* down = std::get_if<LinkDown>(&event)) give_up(down->reason);
      if (std::holds_alternative<LinkUp>(event)) on_up();
      if (const auto* message = std::get_if<LinkMessage>(&event)) on_ack(message->payload);
    }
    while (up_ && sent_ < what_.blocks.size() && sent_ < acked_.member_count() + window) {
      publish(TopicKind::block, what_.blocks[sent_]);
      ++sent_;
    }
  }

  bool up() const { return up_; }
  bool done() const { return acked_.member_count() >= what_.blocks.size(); }

 private:
  [[noreturn]] static void give_up(const std::string& why) {
    std::fprintf(stderr, "block_sender: %s\n", why.c_str());
    std::_Exit(1);
  }
  void publish(TopicKind kind, const std::string& payload) {
    if (auto sent =
            link_.publish(++token_, topic(mine_, what_.name, kind), payload, kind == TopicKind::birth);
        !sent)
      give_up(sent.error().message);
  }
  void on_up() {
    if (auto done = link_.subscribe(topic(mine_, what_.name, TopicKind::ack)); !done)
      give_up(done.error().message);
    publish(TopicKind::birth, what_.birth);
    up_ = true;
  }
  void on_ack(std::string_view payload) {
    const auto acks = decode_ack(payload);
    if (!acks) give_up(acks.error().message);
    for (const AckOfStream& ack : *acks) {
      if (ack.stream != what_.stream) continue;
      for (const Range range : ack.ranges) acked_.add(range);
    }
  }

  const std::string mine_;
  const bench::PreparedGateway what_;
  PahoLink link_;
  std::vector<LinkEvent> events_;
  std::uint64_t token_ = 0;
  std::size_t sent_ = 0;
  RangeSet acked_;
  bool up_ = false;
};

}  // namespace

// block_sender PORT PKI_FOLDER MINE BLOCKS SAMPLES GATEWAY...
int main(int argc, char** argv) {
  if (argc < 7) return std::fprintf(stderr, "started by tests/bench/host_bench.py\n"), 64;
  const SystemClock clock;
  const std::string mine = argv[3];
  const auto blocks = static_cast<std::size_t>(std::atoi(argv[4]));
  const auto samples = static_cast<std::size_t>(std::atoi(argv[5]));
  News news;
  std::vector<std::unique_ptr<Sender>> senders;
  for (int i = 6; i < argc; ++i) {
    senders.push_back(
        std::make_unique<Sender>(mine, bench::prepare(mine, argv[i], blocks, samples, read(clock)), news));
  }
  const SteadyTime begin = clock.steady();
  for (const auto& sender : senders) sender->connect(static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2]);
  for (bool done = false; !done;) {
    done = true;
    for (const auto& sender : senders) {
      sender->step();
      done &= sender->done();
    }
    if (!done) news.wait();
  }
  const double took = static_cast<double>((clock.steady() - begin).count()) / 1000;
  std::printf("{\"samples\": %zu, \"seconds\": %.3f}\n", senders.size() * blocks * samples, took);
  std::fflush(stdout);
  std::_Exit(0);  // no good-byes: each would wait for the library's threads
}
