#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/result.hpp"
#include "proto/wire/profile.hpp"

// davy-sim's configuration, checked; proto/wire/rig_config.proto explains the fields. Times are seconds.
namespace davy::rig {

struct Constant {
  double value = 0;
};
struct Sine {
  double mean = 0;
  double amplitude = 0;
  double period = 1;
};
struct Wander {
  double mean = 0;
  double reach = 0;
  double pace = 60;
};
struct RecordingSource {
  std::string file;
  std::string column;  // empty: the row's number
  std::string time_column;
  double speed = 1;
};
struct Follow {
  std::string relay;
  double on = 1;
  double off = 0;
};
using Source = std::variant<Constant, Sine, Wander, RecordingSource, Follow>;

struct SignalSettings {
  std::string name;          // unique in the rig
  std::uint32_t signal = 0;  // position in the profile
  Source source;
};

struct RelaySettings {
  std::string name;  // unique in the rig
  std::uint16_t coil = 0;
  bool on = false;  // at the start
  std::string text_on;
  std::string text_off;
};

struct DeviceSettings {
  std::string name;
  std::uint8_t unit = 1;
  bool tag_reader = false;
  std::uint16_t tag_slots = 12;  // of a tag reader's ring
  std::uint32_t profile = 0;     // position in RigConfig::profiles; nothing for a tag reader
  double turnaround = 0.005;
  std::vector<SignalSettings> signals;
  std::vector<RelaySettings> relays;
};

struct LineSettings {
  std::string name;
  std::string link;
  SerialSettings serial;
  std::vector<DeviceSettings> devices;
};
struct ServerSettings {
  std::string name;
  std::string address;
  std::uint16_t port = 0;
  std::vector<DeviceSettings> devices;
};

struct Ramp {
  std::string signal;
  double to = 0;
  double over = 0;
  double hold = 0;
};
struct Spike {
  std::string signal;
  double to = 0;
  double lasts = 0;
};
struct Stuck {
  std::string signal;
  double lasts = 0;
};
struct OverRange {
  std::string signal;
  double lasts = 0;
};
struct Calibration {
  std::string signal;
  double to = 0;
  double lasts = 0;
  bool flagged = true;
};
struct FanStop {
  std::string fan;
  std::vector<std::string> air;
  std::vector<std::string> gas;
  double gas_to = 0;
  double lasts = 0;        // until it is told to start again
  std::string start_lock;  // the relay that keeps it from doing so; empty: none
};
enum class FaultKind : std::uint8_t {
  silent,
  no_head,
  other_unit,
  bad_crc,
  exception,
  late_reply,
  short_frame
};
struct Fault {
  std::string device;
  FaultKind kind{};
  double lasts = 0;
};
struct TagWalk {
  std::string reader;
  std::uint64_t tag = 0;
  double speed = 1.2;
  double reach = 30;
  double every = 1;
  bool sos = false;
  bool low_battery = false;
};
using Happening = std::variant<Ramp, Spike, Stuck, OverRange, Calibration, FanStop, Fault, TagWalk>;

struct Step {
  double at = 0;
  std::string text;  // never empty
  Happening what;
};
// From its beginning until everything is as it was before.
double length_of(const Happening& what);

struct RigConfig {
  std::uint64_t seed = 1;
  double repeat_after = 0;
  bool begin_on_signal = false;
  std::vector<DeviceProfile> profiles;
  std::vector<LineSettings> lines;
  std::vector<ServerSettings> servers;
  std::vector<Step> steps;  // by time
};

// Errors as in gateway_config.hpp: one line a problem, "<file>:<line>:<column>: <field>: <what is wrong>".
Result<RigConfig> parse_rig_config(std::string_view text, const std::string& file,
                                   const std::string& profile_folder);
Result<RigConfig> load_rig_config(const std::string& file, const std::string& profile_folder);

}  // namespace davy::rig
