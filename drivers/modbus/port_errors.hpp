#pragma once

#include <string>

#include "proto/wire/gateway_config.hpp"

// Why a port does not open, for the person who stands before it.
namespace davy {

// `error` is errno's.
std::string explain_serial(const RtuSettings& line, int error);
std::string explain_tcp(const TcpSettings& server, int error);

}  // namespace davy
