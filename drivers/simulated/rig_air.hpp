#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/modbus/decode.hpp"
#include "drivers/simulated/recording.hpp"
#include "drivers/simulated/rig_relays.hpp"
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

// The air of the rig: every value, flag and fault as a pure function of the configuration, of the seconds
// since the start and of when its relays were switched. Nothing else is remembered, so the same seed gives
// the same run and any moment can be asked for.
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
  // What else happens in it: a fan that is told to start, and does or cannot.
  std::vector<std::string> fan_news(double from, double to) const;

  // The relays are the same for all copies of an air: devices that share it switch them.
  RigRelays& relays() const { return *relays_; }

  // From now on the scenario runs, which waits for that when it begins on a signal.
  void begin_scenario(double t) { scenario_from_ = t; }

 private:
  explicit RigAir(const RigConfig& config)
      : config_{&config}, scenario_from_{config.begin_on_signal ? RigRelays::never : 0} {}

  double source_value(const std::string& name, const Source& source, double t) const;
  // Runs `use(step, seconds since it began)` for every step of this pass that has begun and touches
  // `name`.
  template <typename Use>
  void each_active(double t, Use use) const;
  double scenario_time(double t) const;
  // How long the fan stands in all; never: as long as its start is locked.
  double stands(const Step& step, const FanStop& stop) const;
  double length(const Step& step) const;

  const RigConfig* config_;
  std::map<std::string, const SignalSettings*> signals_;
  std::map<std::pair<std::string, std::string>, Recording> recordings_;  // by file and time column
  std::shared_ptr<RigRelays> relays_ = std::make_shared<RigRelays>();
  double scenario_from_ = 0;  // never: it has not begun
};

}  // namespace davy::rig
