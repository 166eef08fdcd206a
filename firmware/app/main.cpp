#include <iostream>

#include <malloc.h>

#include "firmware/app/check_report.hpp"
#include "firmware/app/command_line.hpp"
#include "firmware/app/gateway_app.hpp"
#include "firmware/app/installed_profiles.hpp"
#include "firmware/app/lock_deadlines.hpp"
#include "gateway/edge/gateway_birth.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {
namespace {

Result<GatewayConfig> load(const CommandLine& line) {
  const std::string folder = line.profiles.empty() ? installed_profiles() : line.profiles;
  auto config = load_gateway_config(line.config, folder);
  if (!config) return config;
  const auto birth = gateway_birth(*config, SelfPoints{*config});
  if (!birth) return fail(birth.error().in(line.config));
  if (const Status in_time = check_lock_deadlines(*config, line.config); !in_time)
    return fail(in_time.error());
  return config;
}

ExitCode run(const CommandLine& line) {
  log::set_level(line.log_level);
  const auto config = load(line);
  if (!config) {
    std::cerr << config.error().message << "\n";
    return config.error().code == Errc::unavailable ? ExitCode::io : ExitCode::config;
  }
  const auto plans = plan_can_buses(*config);
  if (!plans) {
    std::cerr << plans.error().message << "\n";
    return ExitCode::config;
  }
  if (line.check) {
    std::cout << check_report(*config, *plans, line.config);
    return ExitCode::ok;
  }
  return GatewayApp{*config, *plans}.run();
}

}  // namespace
}  // namespace davy

int main(int argc, char** argv) {
  // One heap for all threads: each more would hold on to memory of its own, and they allocate too little to
  // get in each other's way.
  mallopt(M_ARENA_MAX, 1);
  const auto parsed = davy::parse_command_line(argc, argv);
  if (const auto* code = std::get_if<davy::ExitCode>(&parsed)) return static_cast<int>(*code);
  return static_cast<int>(davy::run(std::get<davy::CommandLine>(parsed)));
}
