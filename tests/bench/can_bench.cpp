#include <array>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

#include "drivers/can/message_decoder.hpp"

// How many signals a second one core takes out of CAN frames. A bus of 1 Mbit/s carries some 8,000 frames and
// 32,000 signals a second: what is left of the core is for everything else.
using namespace davy;

namespace {

constexpr double signals_per_s_min = 10e6;
constexpr double measured_for_s = 0.7;
constexpr std::size_t frames_count = 4096;

struct Row {
  const char* what;
  double ours;
  double limit;
};

Dbc messages() {
  auto dbc = read_dbc("tests/golden/can/gas_head.dbc");
  if (!dbc) {
    std::printf("%s\n", dbc.error().message.c_str());
    std::exit(1);
  }
  return *dbc;
}

// Signals looked at, wanted and there or not: a multiplexer has to be asked in any case.
double signals_per_s(const DbcMessage& message, std::span<const std::size_t> wanted) {
  std::mt19937_64 random{1};
  std::vector<CanFrame> frames(frames_count);
  for (CanFrame& frame : frames) {
    frame.size = message.size;
    for (std::uint8_t& byte : frame.data) byte = static_cast<std::uint8_t>(random());
    frame.data[0] = static_cast<std::uint8_t>(random() % 3);  // pages that exist
  }
  MessageDecoder decoder{message, wanted};
  std::vector<SignalValue> out(decoder.count());
  double sum = 0;
  std::size_t signals = 0;
  const std::clock_t start = std::clock();
  const auto used_s = [&] { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; };
  while (used_s() < measured_for_s) {
    for (const CanFrame& frame : frames) {
      decoder.decode(frame.bytes(), out);
      sum += out[0].present ? out[0].value : 0;
    }
    signals += frames.size() * out.size();
  }
  const double speed = static_cast<double>(signals) / used_s();
  return sum < -1e300 ? 0 : speed;  // so that nothing is left out because nobody looks
}

double all_signals(const Dbc& dbc, const char* name) {
  const DbcMessage& message = *dbc.find(name);
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < message.signals.size(); ++i) all.push_back(i);
  return signals_per_s(message, all);
}

}  // namespace

int main() {
  const Dbc dbc = messages();
  const std::array<std::size_t, 1> methane{0};
  const Row rows[] = {
      {"decode, 6 signals a frame, both byte orders", all_signals(dbc, "Gas"), signals_per_s_min},
      {"  one signal of it wanted", signals_per_s(*dbc.find("Gas"), methane), signals_per_s_min},
      {"  multiplexed in two levels, 7 signals", all_signals(dbc, "Service"), signals_per_s_min},
      {"  one 64-bit floating-point number", all_signals(dbc, "Wind"), signals_per_s_min},
  };
  bool held = true;
  std::printf("%-58s %12s %12s %8s\n", "can", "ours", "limit", "ratio");
  for (const Row& row : rows) {
    held = held && row.ours >= row.limit;
    std::printf("%-58s %8.2f M/s >= %6.2f M %8.1f  %s\n", row.what, row.ours / 1e6, row.limit / 1e6,
                row.ours / row.limit, row.ours >= row.limit ? "held" : "MISSED");
  }
  return held ? 0 : 1;
}
