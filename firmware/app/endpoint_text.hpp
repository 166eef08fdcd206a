#pragma once

#include <string>

#include "proto/wire/gateway_config.hpp"

namespace davy {

// "9600 8N1"
std::string line_text(const SerialSettings& line);
// "RTU /dev/ttyS1, 9600 8N1", "TCP 192.168.1.20:502", "CAN can0, 50000 bit/s" or
// "lines from 192.168.1.30:4001"
std::string endpoint_text(const decltype(BusSettings::endpoint)& endpoint);

}  // namespace davy
