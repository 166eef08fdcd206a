#pragma once

#include "host/app/command_line.hpp"
#include "host/app/exit_code.hpp"
#include "proto/base/clock.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {

// davy-host user ...: changes or prints the users, beside a running davy-host or without one. Prints what it
// did.
ExitCode run_user_command(const UserCommand& command, const HostConfig& config, const Clock& clock);

}  // namespace davy
