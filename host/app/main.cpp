#include <exception>
#include <iostream>

#include <sys/stat.h>

#include "host/app/check_report.hpp"
#include "host/app/command_line.hpp"
#include "host/app/host_app.hpp"
#include "host/app/user_command.hpp"
#include "proto/base/log.hpp"
#include "proto/link/paho_link.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {
namespace {

// After an outage all gateways of a mine send at once.
constexpr PahoLimits link_limits{.events_max = 65'536, .bytes_max = std::size_t{64} << 20U};

ExitCode complain(const Error& error) {
  std::cerr << error.message << "\n";
  return error.code == Errc::unavailable ? ExitCode::io : ExitCode::config;
}

ExitCode run(const CommandLine& line) {
  log::set_level(line.log_level);
  const auto config = load_host_config(line.config);
  if (!config) return complain(config.error());
  const SystemClock clock;
  if (line.user) return run_user_command(*line.user, *config, clock);
  if (line.check) {
    const auto report = check_report(*config, clock.wall());
    if (!report) return complain(report.error());
    std::cout << *report;
    return ExitCode::ok;
  }
  const auto make_link = [](std::function<void()> wake) {
    return std::make_unique<PahoLink>(std::move(wake), link_limits);
  };
  return HostApp{*config, make_link}.run();
}

}  // namespace
}  // namespace davy

int main(int argc, char** argv) {
  umask(S_IRWXG | S_IRWXO);  // what we make is for us alone
  const auto parsed = davy::parse_command_line(argc, argv);
  if (const auto* code = std::get_if<davy::ExitCode>(&parsed)) return static_cast<int>(*code);
  try {
    return static_cast<int>(davy::run(std::get<davy::CommandLine>(parsed)));
  } catch (const std::exception& mistake) {
    davy::log::error("internal", {{"error", mistake.what()}});
    return static_cast<int>(davy::ExitCode::internal);
  }
}
