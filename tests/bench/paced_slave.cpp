#include <algorithm>
#include <array>
#include <bitset>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/line_timing.hpp"

// Modbus RTU slaves on a pseudo terminal that spend the time of a real wire: request, t3.5, reply. They watch
// their master's t3.5. Every holding register of a unit reads as one number that can be set; coils can be
// written.
//   paced_slave LINK BAUD UNITS
// Commands on standard input, answers on standard output in JSON, times in microseconds:
//   silence A B | speak A B      units A to B do not answer, or do again
//   set UNIT VALUE               {"set": T}; with the first reply that carries it {"told": T}
//   report                       what was seen since the last report
// A coil that is written is told at once: {"coil": UNIT, "value": 0 or 1, "at": T}.
using namespace davy;
using std::chrono::microseconds;

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t us(Clock::time_point t) {
  return std::chrono::duration_cast<microseconds>(t.time_since_epoch()).count();
}

// The kernel's waiting is not exact enough to pace a wire: the last bit is waited for awake.
void wait_until(Clock::time_point when) {
  constexpr microseconds awake{120};
  const std::chrono::nanoseconds left = when - awake - Clock::now();
  if (left.count() > 0) {
    const timespec span{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
    ::ppoll(nullptr, 0, &span, nullptr);
  }
  while (Clock::now() < when) {}
}

class PacedSlave {
 public:
  PacedSlave(const std::string& link, SerialSettings serial, unsigned units)
      : serial_{serial}, units_{units}, master_{::posix_openpt(O_RDWR | O_NOCTTY)} {
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) std::exit(1);
    const std::string name = ::ptsname(master_);
    kept_open_ = ::open(name.c_str(), O_RDWR | O_NOCTTY);
    termios raw{};
    ::tcgetattr(kept_open_, &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(kept_open_, TCSANOW, &raw);
    ::unlink(link.c_str());
    if (::symlink(name.c_str(), link.c_str()) != 0) std::exit(1);
    std::puts("{\"ready\": 1}");
  }

  void run() {
    for (;;) {
      std::fflush(stdout);
      std::array<pollfd, 2> waiting{{{master_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
      ::poll(waiting.data(), waiting.size(), -1);
      if (waiting[0].revents != 0) hear();
      if (waiting[1].revents != 0 && !command()) return;
    }
  }

 private:
  void hear() {
    std::array<std::uint8_t, 256> bytes{};
    const ssize_t got = ::read(master_, bytes.data(), bytes.size());
    const auto now = Clock::now();
    if (got <= 0) return;
    if (request_.empty() && last_reply_ != Clock::time_point{}) {
      const auto gap = std::chrono::duration_cast<microseconds>(now - last_reply_);
      if (gap < frame_silence(serial_)) violations_ += 1;
      overshoot_.push_back((gap - frame_silence(serial_)).count());
    }
    last_reply_ = {};
    request_.insert(request_.end(), bytes.begin(), bytes.begin() + got);
    if (request_.size() < 8) return;
    answer(now);
    request_.clear();
  }

  void answer(Clock::time_point came) {
    if (crc16(std::span{request_}.first(6)) != (request_[6] | request_[7] << 8U)) {
      damaged_ += 1;
      return;
    }
    const unsigned unit = request_[0];
    came_[unit].push_back(us(came));
    if (unit > units_ || silent_.test(unit)) return;
    std::vector<std::uint8_t> reply(request_.begin(), request_.begin() + 6);
    const bool is_write = request_[1] == 5;
    if (is_write) {
      coils_[unit] = request_[4] != 0;
      std::printf("{\"coil\": %u, \"value\": %d, \"at\": %lld}\n", unit, int{coils_[unit]},
                  static_cast<long long>(us(came)));
      std::fflush(stdout);
    } else if (request_[1] == 1) {
      reply = {request_[0], 1, 1, static_cast<std::uint8_t>(coils_[unit])};
    } else {
      const unsigned count = request_[5];
      reply = {request_[0], request_[1], static_cast<std::uint8_t>(2 * count)};
      for (unsigned i = 0; i < count; ++i) {
        reply.push_back(static_cast<std::uint8_t>(values_[unit] >> 8U));
        reply.push_back(static_cast<std::uint8_t>(values_[unit] & 0xFFU));
      }
    }
    const unsigned sum = crc16(reply);
    reply.push_back(static_cast<std::uint8_t>(sum & 0xFFU));
    reply.push_back(static_cast<std::uint8_t>(sum >> 8U));
    wait_until(came + wire_time(serial_, 8) + frame_silence(serial_) + wire_time(serial_, reply.size()));
    if (::write(master_, reply.data(), reply.size()) < 0) std::exit(1);
    last_reply_ = Clock::now();
    useful_ += wire_time(serial_, 8 + reply.size()) + 2 * frame_silence(serial_);
    if (new_value_of_ == unit && !is_write) {
      new_value_of_ = 0;
      std::printf("{\"told\": %lld}\n", static_cast<long long>(us(last_reply_)));
      std::fflush(stdout);
    }
  }

  bool command() {
    std::string line;
    if (!std::getline(std::cin, line)) return false;
    std::istringstream words{line};
    std::string what;
    unsigned a = 0;
    unsigned b = 0;
    words >> what >> a >> b;
    if (what == "report") report();
    for (unsigned unit = a; unit <= b && what != "set"; ++unit) silent_.set(unit, what == "silence");
    if (what == "set") {
      values_[a] = b;
      new_value_of_ = a;
      std::printf("{\"set\": %lld}\n", static_cast<long long>(us(Clock::now())));
    }
    return true;
  }

  void report() {
    std::ranges::sort(overshoot_);
    const auto p99 = overshoot_.empty() ? 0 : overshoot_[overshoot_.size() * 99 / 100];
    const auto p50 = overshoot_.empty() ? 0 : overshoot_[overshoot_.size() / 2];
    std::printf(
        "{\"now\": %lld, \"useful\": %lld, \"gaps\": %zu, \"violations\": %d, \"damaged\": %d, "
        "\"overshoot_p50\": %lld, \"overshoot_p99\": %lld, \"came\": {",
        static_cast<long long>(us(Clock::now())), static_cast<long long>(useful_.count()), overshoot_.size(),
        violations_, damaged_, static_cast<long long>(p50), static_cast<long long>(p99));
    const char* comma = "";
    for (const auto& [unit, times] : came_) {
      std::printf("%s\"%u\": [", comma, unit);
      for (std::size_t i = 0; i < times.size(); ++i)
        std::printf("%s%lld", i > 0 ? "," : "", static_cast<long long>(times[i]));
      std::printf("]");
      comma = ", ";
    }
    std::puts("}}");
    came_.clear();
    overshoot_.clear();
    useful_ = microseconds{0};
    violations_ = damaged_ = 0;
  }

  const SerialSettings serial_;
  const unsigned units_;
  const int master_;
  int kept_open_ = -1;
  std::vector<std::uint8_t> request_;
  Clock::time_point last_reply_;
  std::bitset<256> silent_;
  std::map<unsigned, unsigned> values_;
  std::map<unsigned, bool> coils_;
  unsigned new_value_of_ = 0;
  std::map<unsigned, std::vector<std::int64_t>> came_;
  std::vector<std::int64_t> overshoot_;
  microseconds useful_{0};
  int violations_ = 0;
  int damaged_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::cin.tie(nullptr);
  PacedSlave slave{argv[1],
                   {.baud = static_cast<std::uint32_t>(std::atoi(argv[2])), .parity = Parity::even},
                   static_cast<unsigned>(std::atoi(argv[3]))};
  slave.run();
}
