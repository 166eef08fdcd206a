#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "proto/wire/block_codec.hpp"
#include "proto/wire/hash.hpp"

// How small blocks are and how fast they are made and read, on one core, envelope and hash included. The
// figures of others are bytes for one float sample among 50, measured on the same kind of machine; theirs are
// bare messages: no hash, no chain, no quality beside the value.
using namespace davy;

namespace {

constexpr std::size_t channels = 6;  // of the recording: two methane, two air, production, barometer
constexpr double samples_per_s_min = 20e6;
constexpr double bytes_per_sample_max = 3;
constexpr double measured_for_s = 0.7;

struct Row {
  const char* what;
  double ours;
  const char* unit;
  std::optional<double> limit;
  bool at_least = false;

  bool held() const { return !limit || (at_least ? ours >= *limit : ours <= *limit); }
};

std::vector<std::vector<double>> recording() {
  const char* folder = std::getenv("DAVY_DATA");
  std::ifstream in{std::filesystem::path{folder != nullptr ? folder : "../shared/data"} / "longwall-30s.csv"};
  std::vector<std::vector<double>> rows;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells{line};
    std::vector<double> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::strtod(cell.c_str(), nullptr));
    if (row.size() == channels + 1) rows.push_back({row.begin() + 1, row.end()});
  }
  return rows;
}

class BlockSource {
 public:
  // Puts a sample into the block, which it hands to `blocks` when full.
  explicit BlockSource(std::size_t entries) : entries_{entries} { open(); }

  void add(const Sample& sample) {
    if (block_.samples.empty()) block_.header.opened_at = sample.source_time;
    block_.samples.push_back(sample);
    if (block_.samples.size() < entries_) return;
    blocks_.push_back(block_);
    open();
  }
  std::vector<Block> blocks() const { return blocks_; }

 private:
  void open() {
    block_.samples.clear();
    block_.header = {.gateway = "gw-1201-face",
                     .stream = {1, 2, 3},
                     .seq = Seq{100'000 + blocks_.size()},
                     .boot = 17,
                     .opened_steady = steady_from_ms(86'400'000),
                     .clock = ClockQuality::synced,
                     .birth = hash_of("birth"),
                     .previous = hash_of("previous")};
  }

  std::size_t entries_;
  Block block_;
  std::vector<Block> blocks_;
};

struct Timing {
  int jitter_ms = 0;     // each point is read so much late, at random
  bool together = true;  // all points of a row have the same time
};

// The recording with its rows one second apart, as full blocks.
std::vector<Block> longwall(
    const std::vector<std::vector<double>>& rows, Timing timing,
    double (*as_read)(double) = [](double v) { return v; }) {
  BlockSource source{block_entries_max};
  std::mt19937_64 random{1};
  const auto jitter = [&] {
    return Duration{
        timing.jitter_ms > 0 ? static_cast<int>(random() % static_cast<unsigned>(timing.jitter_ms)) : 0};
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const WallTime second = wall_from_ms(1'790'000'000'000) + std::chrono::seconds{i};
    const Duration common = jitter();
    for (std::size_t c = 0; c < channels; ++c) {
      source.add({.point = PointIndex{static_cast<std::uint32_t>(c)},
                  .value = as_read(rows[i][c]),
                  .source_time = second + (timing.together ? common : jitter())});
    }
  }
  return source.blocks();
}

// Sixty points once a second, one block each second: what a gateway sends when nothing has happened. Each
// point is on a device of its own and follows one of the recorded channels, at another place of the
// recording.
std::vector<Block> every_second(const std::vector<std::vector<double>>& rows) {
  constexpr std::size_t points = 60;
  BlockSource source{points};
  for (std::size_t i = 0; i < 2000; ++i) {
    for (std::size_t p = 0; p < points; ++p) {
      const auto& row = rows[(i + p * 200) % rows.size()];
      source.add({.point = PointIndex{static_cast<std::uint32_t>(p)},
                  .value = row[p % channels],
                  .source_time =
                      wall_from_ms(1'790'000'000'000) + std::chrono::seconds{i} + Duration{p * 14 + p % 3}});
    }
  }
  return source.blocks();
}

double bytes_per_sample(const std::vector<Block>& blocks) {
  BlockEncoder encoder;
  std::size_t bytes = 0;
  std::size_t samples = 0;
  for (const Block& block : blocks) {
    bytes += encoder.encode(block).envelope.size();
    samples += block.samples.size();
  }
  return static_cast<double>(bytes) / static_cast<double>(samples);
}

// Runs `work` on block after block for a while. Counts the processor's time, not that of the wall: what one
// core does.
double samples_per_s(const std::vector<Block>& blocks, const std::function<void(std::size_t)>& work) {
  const std::clock_t start = std::clock();
  const auto used_s = [&] { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC; };
  std::size_t samples = 0;
  while (used_s() < measured_for_s) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      work(i);
      samples += blocks[i].samples.size();
    }
  }
  return static_cast<double>(samples) / used_s();
}

double encode_speed(const std::vector<Block>& blocks) {
  BlockEncoder encoder;
  std::size_t bytes = 0;
  const double speed =
      samples_per_s(blocks, [&](std::size_t i) { bytes += encoder.encode(blocks[i]).envelope.size(); });
  return bytes > 0 ? speed : 0;
}

double decode_speed(const std::vector<Block>& blocks) {
  BlockEncoder encoder;
  std::vector<std::string> envelopes;
  for (const Block& block : blocks) envelopes.push_back(encoder.encode(block).envelope);
  BlockDecoder decoder;
  Block out;
  Hash hash{};
  bool good = true;
  const double speed = samples_per_s(
      blocks, [&](std::size_t i) { good = decoder.decode_into(envelopes[i], out, hash) && good; });
  return good ? speed : 0;
}

void print(const std::vector<Row>& rows) {
  std::printf("%-58s %12s %12s  %s\n", "codec", "ours", "limit", "");
  for (const Row& row : rows) {
    const bool millions = row.ours > 1e5;
    const auto number = [&](double n) { return millions ? n / 1e6 : n; };
    std::printf("%-58s %8.2f %s%-2s", row.what, number(row.ours), millions ? "M" : " ", row.unit);
    if (row.limit) {
      std::printf(" %s %6.2f  %s", row.at_least ? ">=" : "<=", number(*row.limit),
                  row.held() ? "held" : "MISSED");
    }
    std::printf("\n");
  }
}

void print_peers(double full, double every_second) {
  struct Peer {
    const char* name;
    double bytes;
  };
  constexpr Peer peers[] = {
      {"Sparkplug B, alias", 16.2}, {"Neuron, protobuf", 28.4}, {"columnar, packed floats", 5.3}};
  std::printf("\n%-58s %12s %12s %12s\n", "bytes a sample: peer", "peer", "full block", "times less");
  for (const Peer& peer : peers) {
    std::printf("%-58s %12.1f %12.2f %12.1f\n", peer.name, peer.bytes, full, peer.bytes / full);
  }
  std::printf("%-58s %12s %12s %12s\n", "", "peer", "60 points/s", "times less");
  for (const Peer& peer : peers) {
    std::printf("%-58s %12.1f %12.2f %12.1f\n", peer.name, peer.bytes, every_second,
                peer.bytes / every_second);
  }
  std::printf(
      "(a block carries hash, previous hash, birth hash and stream, 112 bytes of its envelope; the peers "
      "none)\n");
}

}  // namespace

int main() {
  const auto rows = recording();
  if (rows.empty()) {
    std::printf("skipped: no recording; set DAVY_DATA to the folder of longwall-30s.csv\n");
    return 0;
  }
  const auto regular = longwall(rows, {});
  const auto ragged = longwall(rows, {.jitter_ms = 20, .together = false});
  const auto scaled = longwall(rows, {.jitter_ms = 20, .together = false},
                               [](double v) { return std::nearbyint(v * 100) * 0.01; });
  const auto rough =
      longwall(rows, {.jitter_ms = 20, .together = false}, [](double v) { return std::sqrt(v); });
  const auto seconds = every_second(rows);

  const double full_bytes = bytes_per_sample(regular);
  const double second_bytes = bytes_per_sample(seconds);
  const std::vector<Row> results{
      {"longwall, 6 points at 1 s, full blocks", full_bytes, "B", bytes_per_sample_max},
      {"  the same, each point read up to 20 ms late", bytes_per_sample(ragged), "B", bytes_per_sample_max},
      {"  the same, values as floating point scales them", bytes_per_sample(scaled), "B", {}},
      {"  the same, values without few decimals", bytes_per_sample(rough), "B", {}},
      {"60 points at 1 s, a block each second", second_bytes, "B", {}},
      {"encode, full blocks", encode_speed(regular), "/s", samples_per_s_min, true},
      {"  each point read up to 20 ms late", encode_speed(ragged), "/s", samples_per_s_min, true},
      {"  values without few decimals", encode_speed(rough), "/s", {}, true},
      {"  a block each second", encode_speed(seconds), "/s", {}, true},
      {"decode, full blocks", decode_speed(regular), "/s", samples_per_s_min, true},
      {"  each point read up to 20 ms late", decode_speed(ragged), "/s", samples_per_s_min, true},
      {"  values without few decimals", decode_speed(rough), "/s", {}, true},
      {"  a block each second", decode_speed(seconds), "/s", {}, true},
  };
  print(results);
  print_peers(full_bytes, second_bytes);
  for (const Row& row : results) {
    if (!row.held()) return 1;
  }
  return 0;
}
