#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/base/result.hpp"
#include "proto/link/mqtt_link.hpp"
#include "proto/model/point.hpp"
#include "proto/wire/interlock_config.hpp"
#include "proto/wire/profile.hpp"

// A gateway's configuration, checked: names are unique, profiles and signals exist, numbers are in range.
// Nothing that holds one of these needs to check again.
namespace davy {

struct TcpSettings {
  std::string host;
  std::uint16_t port = 502;
  std::uint32_t outstanding = 1;  // requests that may be under way at once
};
struct RtuSettings {
  std::string device;  // as the configuration names it
  SerialSettings serial;
  bool rs485 = false;                   // the kernel's driver switches the transceiver
  std::optional<TcpSettings> over_tcp;  // device is the other end of a serial server
};

struct CanSettings {
  std::string interface;
  std::uint32_t bitrate = 0;  // 0: not said
};

// A reader of tags that sends lines of text over TCP.
struct LineSettings {
  std::string host;  // an IP address
  std::uint16_t port = 0;
};

struct PointSetting {
  std::uint32_t index = 0;   // position in GatewayConfig::points and in the birth
  std::uint32_t signal = 0;  // position in the device's profile
};

// Sightings of a reader that say the same are merged: SightingFilter explains how.
struct DebounceSettings {
  Duration repeat_within{1000};
  std::int32_t move_min_cm = 100;
  Duration keep_alive{5000};
};

struct DeviceSettings {
  std::string name;
  std::uint8_t unit = 1;
  bool has_unit = true;       // false: a device on CAN whose profile needs none
  std::uint32_t profile = 0;  // position in GatewayConfig::profiles
  Duration period{1000};
  Duration reply_timeout{300};
  std::vector<PointSetting> points;  // a reader of tags may have none
  bool is_tag_reader = false;        // its profile is one's; `name` is the reader's in sightings
  std::optional<DebounceSettings> debounce;
};

struct BusSettings {
  std::string name;
  std::variant<RtuSettings, TcpSettings, CanSettings, LineSettings> endpoint;
  Duration fast_period{250};  // of inputs of locks and of points near or beyond a limit
  std::vector<DeviceSettings> devices;
};

struct SpoolSettings {
  std::string path;
  std::uint64_t bytes_max = 0;
  std::uint32_t days_max = 0;
};

struct UplinkSettings {
  std::string host;
  std::uint16_t port = 8883;
  std::optional<TlsPaths> tls;
  std::uint32_t window_blocks = 32;
  std::uint32_t backlog_blocks_per_s = 500;
  std::uint32_t keep_alive_s = 15;
  Duration ack_wait{30000};
};

struct GatewayConfig {
  std::string mine;
  std::string gateway;
  SpoolSettings spool;
  std::optional<UplinkSettings> uplink;  // none: measures and spools only
  Duration block_close_after{1000};
  std::vector<DeviceProfile> profiles;  // those in use
  std::vector<Point> points;            // in the order of the birth
  std::vector<BusSettings> buses;
  std::optional<InterlockSettings> interlock;  // none: this gateway cuts nothing
};

// `profile_folder` is used when the file names none. A relative path in the file is relative to the file's
// folder. Errors: one line a problem, "<file>:<line>:<column>: <path.of.field>: <what is wrong and what to
// do>".
Result<GatewayConfig> parse_gateway_config(std::string_view text, const std::string& file,
                                           const std::string& profile_folder);
Result<GatewayConfig> load_gateway_config(const std::string& file, const std::string& profile_folder);

}  // namespace davy
