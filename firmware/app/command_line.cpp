#include "firmware/app/command_line.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

namespace davy {
namespace {

constexpr const char* description =
    "Reads the sensors of a mine roadway, keeps every reading on disk until the surface has it,\n"
    "and sends it there.";

constexpr const char* footer = R"(
Examples:
  davy-gateway --config /etc/davy/gateway.textproto --check
      reads the configuration and its device profiles, prints what would be done: every bus and
      device, the requests a round takes and how busy that keeps the line; or all mistakes, each
      with file, line and column
  davy-gateway --config gateway.textproto --profiles drivers/profiles --log-level debug
      runs in the foreground, logging to standard error; Ctrl-C ends it

A first configuration:
  mine: "M1"  gateway: "G-12"
  uplink { host: "10.0.0.5" tls { ca: "ca.pem" certificate: "G-12.pem" key: "G-12.key" } }
  bus {
    name: "rs485-1"
    rtu { device: "/dev/ttyS1" baud: 9600 }
    device {
      name: "ch4-1" unit: 3 profile: "generic-ch4-u16"
      point { name: "N1201-T1" signal: "ch4" title: "face methane" place: "N1201"
              limit { side: HIGH level: ALARM at: 1.0 } }
    }
  }

SIGTERM or Ctrl-C: stores what is collected, says good-bye to the broker and ends within 2 s.
A second one: ends at once. What was not stored yet, at most the last second, is lost.

Exit codes:
   0  stopped as asked, or the configuration is good
  64  wrong command line
  70  a mistake inside davy-gateway: please report it with the log
  73  the spool cannot be used: another process has it, it is another gateway's, or no permission
  74  reading or writing a disk failed
  75  cannot go on now; starting again helps (systemd does it by itself)
  78  the configuration or a device profile has mistakes
)";

std::string check_level(const std::string& word) {
  return log::level_named(word) ? "" : "there is no level '" + word + "'; take debug, info, warn or error";
}

}  // namespace

std::variant<CommandLine, ExitCode> parse_command_line(int argc, const char* const* argv) {
  CommandLine out;
  CLI::App app{description, "davy-gateway"};
  app.footer(footer);
  app.set_version_flag("--version", std::string{"davy-gateway "} + DAVY_VERSION, "print the version and end");
  app.add_option("-c,--config", out.config, "the gateway's configuration")->type_name("FILE")->required();
  app.add_flag("--check", out.check, "check the configuration, print what it amounts to, and end");
  app.add_option("--profiles", out.profiles, "folder of device profiles, if the configuration names none")
      ->type_name("DIR");
  std::string level = "info";
  app.add_option("--log-level", level, "the least important lines to log: debug, info, warn or error")
      ->type_name("L")
      ->check(CLI::Validator(check_level, ""))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help, --version
    app.exit(success);
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    std::cerr << "davy-gateway: " << error.what() << "\nRun davy-gateway --help for usage and examples.\n";
    return ExitCode::usage;
  }
  out.log_level = *log::level_named(level);
  return out;
}

}  // namespace davy
