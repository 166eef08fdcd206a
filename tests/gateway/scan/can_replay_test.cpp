#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h>

#include "drivers/can/candump_log.hpp"
#include "tests/gateway/scan/can_bench.hpp"

// Recorded buses of ships, played through the scanner in their own time: a DBC file of a third party, and
// values that an independent decoder has told.
using namespace davy;
using namespace davy::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

fs::path data_folder() {
  const char* folder = std::getenv("DAVY_DATA");
  return fs::absolute(fs::path{folder != nullptr ? folder : "../shared/data"} / "can");
}

bool is_there() {
  if (fs::exists(data_folder() / "nmea2000.dbc")) return true;
  MESSAGE("skipped: no recordings; set DAVY_DATA to the folder that holds can/nmea2000.dbc");
  return false;
}

// Wind and position of whoever sends them.
class Profiles {
 public:
  Profiles() {
    fs::create_directories(path);
    std::ofstream{path / "ship.textproto"}
        << "name: 'ship' maker: 'several' model: 'NMEA 2000' source: 's' can { j1939 {} dbc: '"
        << (data_folder() / "nmea2000.dbc").string() << "'\n"
        << R"(signal { name: "wind" message: "PGN_130306_windData" signal: "windSpeed" period_ms: 1000
                        range_low: 0 range_high: 100 raw_meaning { raw: 0xFFFF means: DISCONNECTED } }
              signal { name: "latitude" message: "PGN_129025_positionRapidUpdate" signal: "latitude"
                        period_ms: 1000 range_low: -90 range_high: 90 } })";
  }
  ~Profiles() { fs::remove_all(path); }

  const fs::path path = fs::temp_directory_path() / ("davy_can_replay_" + std::to_string(::getpid()));
};

// A line of the decoder's recording that holds a frame, and what it told of it in the line before.
struct Told {
  Duration at;
  CanFrame frame;
  std::uint32_t group = 0;
  std::string words;
};

std::vector<Told> read_told() {
  std::vector<Told> out;
  std::string before;
  std::ifstream key{data_folder() / "decoded-key.txt"};
  for (std::string line; std::getline(key, line); before = line) {
    if (line.find(" : ") == std::string::npos || line.find(":  ") != std::string::npos) continue;
    int minute = 0;
    double second = 0;
    unsigned priority = 0;
    unsigned source = 0;
    unsigned destination = 0;
    unsigned group = 0;
    if (std::sscanf(line.c_str(), "2020-03-04T00:%d:%lf %u %u %u %u", &minute, &second, &priority, &source,
                    &destination, &group) != 6)
      continue;
    Told told{.at = Duration{std::lround((minute * 60 + second) * 1000)},
              .frame = {.id = {.number = priority << 26U | group << 8U | source, .extended = true}},
              .group = group,
              .words = before};
    std::istringstream bytes{line.substr(line.find(" : ") + 3)};
    for (unsigned byte = 0; bytes >> std::hex >> byte && told.frame.size < 8;)
      told.frame.data[told.frame.size++] = static_cast<std::uint8_t>(byte);
    out.push_back(std::move(told));
  }
  return out;
}

}  // namespace

TEST_CASE("can replay: the wind of each sender is what an independent decoder told, at its own time") {
  if (!is_there()) return;
  const Profiles profiles;
  CanBench bench{R"(bus { name: 'ship' can { interface: 'can0' }
      device { name: 'a' unit: 13 profile: 'ship' point { name: 'A' signal: 'wind' } }
      device { name: 'b' unit: 26 profile: 'ship' point { name: 'B' signal: 'wind' } } })",
                 profiles.path,
                 {0, 1}};
  const auto recording = read_told();
  REQUIRE(recording.size() > 300);
  std::map<std::uint32_t, std::vector<std::pair<double, WallTime>>> expected;
  for (const Told& told : recording) {
    const Duration wait = told.at - recording.front().at - bench.since_start();
    if (wait > 0ms) bench.run_for(wait);
    const std::uint32_t sender = told.frame.id.number & 0xFFU;
    const std::size_t at = told.words.find("Wind Speed = ");
    if (told.group == 130306 && at != std::string::npos && (sender == 13 || sender == 26))
      expected[sender == 13 ? 0 : 1].emplace_back(std::atof(told.words.c_str() + at + 13),
                                                  bench.clock.wall());
    bench.put(told.frame);
  }
  for (const auto& [point, values] : expected) {
    CAPTURE(point);
    std::vector<Sample> good;
    for (const Sample& s : bench.of(point)) {
      if (s.quality.validity == Validity::good) good.push_back(s);
    }
    REQUIRE(good.size() == values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(std::abs(good[i].value - values[i].first) <= 0.005 + 1e-9);
      CHECK(good[i].source_time == values[i].second);
    }
  }
  CHECK(expected[0].size() >= 5);
  CHECK(expected[1].size() >= 3);
}

TEST_CASE("can replay: a full bus gives one position a period, whose silence is told") {
  if (!is_there()) return;
  const Profiles profiles;
  CanBench bench{R"(bus { name: 'ship' can { interface: 'can0' }
      device { name: 'gps' profile: 'ship' point { name: 'LAT' signal: 'latitude' } } })",
                 profiles.path};
  std::ifstream log{data_folder() / "candump.log"};
  std::size_t frames = 0;
  for (std::string line; std::getline(log, line);) {
    const auto read = read_candump_line(line);
    if (!read || !*read) continue;
    ++frames;
    bench.put((*read)->frame);
    bench.run_for(3ms);
  }
  CHECK(frames > 6000);
  const Duration length = bench.since_start();
  std::size_t good = 0;
  for (const Sample& s : bench.of(0)) {
    if (s.quality.validity != Validity::good) continue;
    ++good;
    CHECK(std::abs(s.value) <= 90);
  }
  CHECK(good >= 5);
  CHECK(good <= static_cast<std::size_t>(length / 1000ms) + 2);
  bench.run_for(10s);
  CHECK(bench.of(0).back().quality.validity == Validity::bad_comm);
  CHECK(bench.events.back().text.find("no frame 0x01F80100 (PGN_129025_positionRapidUpdate)") !=
        std::string::npos);
}
