#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/point.hpp"
#include "proto/wire/profile.hpp"

// The local power locks of a gateway, as configured and checked: every point, output and area exists, every
// lock has what it needs and acts on something, no number is on the dangerous side of the law without a
// written basis.
namespace davy {

// The rows of AQ 6201's table of methane and wind locks, and one for other cuts that a mine writes itself.
enum class LockRow : std::uint8_t {
  methane_alarm,   // a: sounder and light
  methane_face,    // b: T1
  methane_return,  // c: T2
  methane_intake,  // d: T3, intake of a series heading
  wind,            // e: local fan and its duct
  fan_start,       // f: keeps the local fan from starting into gas
  device_fault,    // g: sensors, outputs and the station itself
  cut,             // none of these: T0, machines, stations; numbers of its own
};
inline constexpr std::size_t lock_row_count = 8;
// "a" to "g", and "cut".
std::string_view row_name(LockRow row);

enum class InputRole : std::uint8_t { value, fan, duct };

struct LockInput {
  std::uint32_t point = 0;  // position in GatewayConfig::points
  InputRole role = InputRole::value;
  Side side = Side::high;
  double trip_at = 0;     // at or beyond
  double release_at = 0;  // high: below, low: above; never itself

  bool operator==(const LockInput&) const = default;
};

struct LockSettings {
  std::string name;
  std::string title;
  std::string title_en;
  LockRow row = LockRow::cut;
  std::uint32_t area = 0;
  std::vector<LockInput> inputs;
  std::vector<std::uint32_t> outputs;  // positions in InterlockSettings::outputs
  std::string legal_basis;
  Duration flow_within{10'000};  // row e: a running fan has blown the duct open by then
};

enum class OutputKind : std::uint8_t {
  cutter,    // acting: the area's electricity is cut and stays cut
  fan_lock,  // acting: the fan cannot be started
  sounder,   // acting: it sounds
};

// What an output is left in when the gateway ends.
enum class ExitState : std::uint8_t { act, rest, keep };

struct GpioOutputSettings {
  std::string chip;  // /dev/gpiochip0
  unsigned line = 0;
  bool active_low = false;
  std::optional<unsigned> read_back_line;
  bool read_back_active_low = false;
};

struct ModbusOutputSettings {
  std::uint32_t bus = 0;  // position in GatewayConfig::buses
  std::uint8_t unit = 1;
  RegisterTable table = RegisterTable::coil;
  std::uint16_t address = 0;
  std::uint16_t on_value = 1;
  std::uint16_t off_value = 0;
  RegisterTable read_back_table = RegisterTable::coil;
  std::uint16_t read_back_address = 0;
  std::uint16_t read_back_on = 1;
  std::uint16_t read_back_off = 0;
  Duration reply_timeout{300};
};

struct FeedSettings {
  std::uint32_t point = 0;
  double fed_above = 0;
};

struct OutputSettings {
  std::string name;
  std::string title;
  std::string title_en;
  OutputKind kind = OutputKind::cutter;
  std::uint32_t area = 0;
  bool energise_to_act = false;
  ExitState on_exit = ExitState::act;
  Duration read_back_within{2000};
  Duration feed_within{2000};  // 40 s for a remote cutter
  std::variant<GpioOutputSettings, ModbusOutputSettings> port;
  std::vector<FeedSettings> feeds;

  // Which electrical state acts, or does not.
  bool level(bool acting) const { return acting == energise_to_act; }
};

struct AreaSettings {
  std::string name;
  std::string title;
  std::string title_en;
};

struct InterlockSettings {
  Duration settle{60'000};
  Duration key_valid{1'800'000};
  std::string memory;  // file that remembers fan locks over a restart
  std::vector<AreaSettings> areas;
  std::vector<OutputSettings> outputs;
  std::vector<LockSettings> locks;  // every area that cuts has exactly one of row g, written or made
};

}  // namespace davy
