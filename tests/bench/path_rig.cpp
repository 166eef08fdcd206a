// The two ends of the whole way in one process and on one clock: a Modbus TCP server whose registers jump
// over a limit at random moments, and a WebSocket client that waits for the alarm. Started by path_bench.py
// with everything else running. A latency is counted from the moment the reply that carries the new register
// leaves the server, so that the bus's own poll time is not in it, to the moment the alarm frame has been
// read.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json.hpp>

#include "tests/bench/register_server.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using davy::bench::Micros;
using davy::bench::now;
using davy::bench::Registers;
using davy::bench::Time;

// Alarm frames as they come: point name -> arrival of its newest raised frame.
class Alarms {
 public:
  void raised(const std::string& name) {
    const std::lock_guard lock{mutex_};
    at_[name] = now();
  }
  Time after(const std::string& name, Time since) {
    const std::lock_guard lock{mutex_};
    const auto found = at_.find(name);
    return found != at_.end() && found->second > since ? found->second : Time{};
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Time> at_;
};

void listen_for_alarms(int port, const std::string& cookie, Alarms& alarms, std::atomic<bool>& ready) {
  asio::io_context context;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  beast::websocket::stream<beast::ssl_stream<tcp::socket>> live{context, tls};
  live.next_layer().next_layer().connect(
      {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
  live.next_layer().next_layer().set_option(tcp::no_delay{true});
  live.next_layer().handshake(asio::ssl::stream_base::client);
  live.set_option(beast::websocket::stream_base::decorator(
      [&](beast::websocket::request_type& request) { request.set("Cookie", cookie); }));
  live.read_message_max(64U * 1024 * 1024);
  live.handshake("127.0.0.1", "/api/v1/live");
  for (;;) {
    beast::flat_buffer buffer;
    live.read(buffer);
    const auto frame = boost::json::parse(std::string_view{static_cast<const char*>(buffer.data().data()),
                                                           buffer.data().size()})
                           .as_object();
    const auto type = frame.at("type").as_string();
    if (type == "hello") ready = true;
    if (type != "alarm") continue;
    const auto kind = frame.at("entry").at("kind").as_string();
    if (kind != "raised" && kind != "reraised") continue;
    const auto& alarm = frame.at("alarm");
    if (alarm.at("source").as_string() == "limit") alarms.raised(std::string{alarm.at("name").as_string()});
  }
}

double ms(Micros t) { return static_cast<double>(t.count()) / 1000.0; }

Micros percentile(std::vector<Micros>& sorted, double p) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(p * static_cast<double>(sorted.size())))];
}

struct Jump {
  std::size_t unit;
  std::size_t at;
  Time made;
  std::string name;
};

}  // namespace

// path_rig MODBUS_PORT WEB_PORT COOKIE UNITS REGISTERS_PER_UNIT JUMPS
int main(int argc, char** argv) {
  if (argc != 7) return std::fprintf(stderr, "started by tests/bench/path_bench.py\n"), 64;
  const int units = std::atoi(argv[4]);
  const int per_unit = std::atoi(argv[5]);
  const auto wanted = static_cast<std::size_t>(std::atoi(argv[6]));
  Registers registers{units, per_unit};
  Alarms alarms;
  std::atomic<bool> ready = false;

  asio::io_context context;
  std::thread{davy::bench::serve, std::atoi(argv[1]), std::ref(registers)}.detach();
  std::thread{listen_for_alarms, std::atoi(argv[2]), std::string{argv[3]}, std::ref(alarms), std::ref(ready)}
      .detach();
  while (!ready) std::this_thread::yield();

  asio::steady_timer pause{context};
  const auto wait = [&](Micros span) {
    pause.expires_after(span);
    pause.wait();
  };
  wait(std::chrono::seconds{8});  // every point has been read, nothing is blind any more

  std::mt19937_64 random{1};
  std::vector<Micros> took;
  std::deque<Jump> open;
  std::size_t next = 0;
  std::size_t missed = 0;
  while (took.size() + missed < wanted) {
    wait(Micros{50'000 + static_cast<std::int64_t>(random() % 100'000)});
    const std::size_t unit = next / static_cast<std::size_t>(per_unit) % static_cast<std::size_t>(units);
    const std::size_t at = next % static_cast<std::size_t>(per_unit);
    next += 7;
    registers.jump(unit, at);
    open.push_back({unit, at, now(), "U" + std::to_string(unit + 1) + "-" + std::to_string(at)});
    for (auto jump = open.begin(); jump != open.end();) {
      const Time read = registers.read_at(jump->unit, jump->at);
      const Time seen = read > jump->made ? alarms.after(jump->name, read) : Time{};
      const bool late = now() - jump->made > std::chrono::seconds{10};
      if (seen == Time{} && !late) {
        ++jump;
        continue;
      }
      if (seen != Time{}) took.push_back(seen - read);
      if (seen == Time{}) ++missed;
      registers.settle(jump->unit, jump->at);
      jump = open.erase(jump);
    }
  }
  if (took.empty()) return std::printf("no alarm arrived\n"), 1;
  std::ranges::sort(took);
  std::printf(
      "{\"count\": %zu, \"missed\": %zu, \"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"max\": %.3f}\n",
      took.size(), missed, ms(percentile(took, 0.5)), ms(percentile(took, 0.9)), ms(percentile(took, 0.99)),
      ms(took.back()));
  std::fflush(stdout);
  std::_Exit(missed == 0 ? 0 : 1);
}
