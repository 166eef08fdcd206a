#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "drivers/modbus/decode.hpp"
#include "drivers/simulated/recording.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/rig_config.hpp"

namespace davy::rig {

// What a simulated sensor has to say at one moment.
struct SignalState {
  double value = 0;
  FlagSet flags;
};

// What goes wrong between a simulated device and its reader at one moment.
struct DeviceState {
  bool faulty = false;
  FaultKind fault{};  // when faulty
  FlagSet flags;      // for the whole device
};

struct Sighting {
  double at = 0;
  std::uint64_t tag = 0;
  double distance = 0;  // metres; negative before the reader
  bool sos = false;
  bool low_battery = false;
};

// The air of the rig: every value, flag and fault as a pure function of the configuration and of the seconds
// since the start. Nothing is remembered, so the same seed gives the same run and any moment can be asked
// for.
class RigAir {
 public:
  // Loads the recordings. Keeps a reference to the configuration.
  static Result<RigAir> make(const RigConfig& config);

  SignalState signal(const std::string& name, double t) const;
  DeviceState device(const std::string& name, double t) const;
  // All sightings of a reader up to `t`, in order.
  std::vector<Sighting> sightings(const std::string& reader, double t) const;

  // Steps that begin in [from, to), in order.
  std::vector<const Step*> beginning(double from, double to) const;

 private:
  explicit RigAir(const RigConfig& config) : config_{&config} {}

  double source_value(const std::string& name, const Source& source, double t) const;
  // Runs `use(happening, seconds since it began)` for every step of this pass that has begun and touches
  // `name`.
  template <typename Use>
  void each_active(double t, Use use) const;
  double scenario_time(double t) const;

  const RigConfig* config_;
  std::map<std::string, const SignalSettings*> signals_;
  std::map<std::pair<std::string, std::string>, Recording> recordings_;  // by file and time column
};

}  // namespace davy::rig
