#pragma once

#include <string>
#include <variant>

#include "proto/wire/gateway_config.hpp"

namespace davy {

// "9600 8N1"
std::string line_text(const SerialSettings& line);
// "RTU /dev/ttyS1, 9600 8N1" or "TCP 192.168.1.20:502"
std::string endpoint_text(const std::variant<RtuSettings, TcpSettings>& endpoint);

}  // namespace davy
