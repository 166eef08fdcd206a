#pragma once

#include <map>
#include <string>
#include <vector>

#include "proto/wire/config_names.hpp"
#include "proto/wire/config_text.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy::wire {
class GpioOutputConfig;
class InterlockConfig;
class ModbusOutputConfig;
class OutputConfig;
}  // namespace davy::wire

// Not for other folders.
namespace davy {

inline constexpr std::size_t lock_title_size_max = 120;  // so that an event's text has room for its cause

// A title of an area, output or lock.
void check_lock_title(const char* field, const std::string& title, const ConfigNode& node,
                      ConfigText& config);

// Where `name` stands among `names`; a problem of `field` when it does not, which says what there is.
std::optional<std::uint32_t> find_name(const std::vector<std::string>& names, const std::string& name,
                                       const char* what, const ConfigNode& node, const char* field, int index,
                                       ConfigText& config);

// The outputs of the interlock: each has one port of its own, and none is left feeding without a word.
class OutputCheck {
 public:
  OutputCheck(ConfigText& config, const GatewayConfig& whole, InterlockSettings& out);
  void run(const wire::InterlockConfig& in, const ConfigNode& node);

 private:
  OutputSettings check(const wire::OutputConfig& in, const ConfigNode& node);
  void check_acting(const wire::OutputConfig& in, const ConfigNode& node, OutputSettings& out);
  void check_feeds(const wire::OutputConfig& in, const ConfigNode& node, OutputSettings& out);
  GpioOutputSettings check_gpio(const wire::GpioOutputConfig& in, const ConfigNode& node);
  ModbusOutputSettings check_modbus(const wire::ModbusOutputConfig& in, const ConfigNode& node);
  void claim(const std::string& port, const ConfigNode& node, const char* field);

  ConfigText& config_;
  const GatewayConfig& whole_;
  InterlockSettings& out_;
  ConfigNames names_;
  std::vector<std::string> area_names_;
  std::vector<std::string> point_names_;
  std::vector<std::string> bus_names_;
  std::map<std::string, int> ports_;  // taken, with the line
};

}  // namespace davy
