#include <iostream>

#include <unistd.h>

#include "firmware/tool/bus_read.hpp"
#include "firmware/tool/bus_scan.hpp"
#include "firmware/tool/bus_sniff.hpp"
#include "firmware/tool/bus_watch.hpp"
#include "firmware/tool/command_line.hpp"
#include "firmware/tool/profile_check.hpp"
#include "firmware/tool/profile_new.hpp"

namespace davy {
namespace {

struct Verb {
  Console& console;
  ExitCode operator()(const ScanOptions& o) const { return bus_scan(o, console); }
  ExitCode operator()(const ReadOptions& o) const { return bus_read(o, console); }
  ExitCode operator()(const WatchOptions& o) const { return bus_watch(o, console); }
  ExitCode operator()(const SniffOptions& o) const { return bus_sniff(o, console); }
  ExitCode operator()(const CheckOptions& o) const { return profile_check(o, console); }
  ExitCode operator()(const NewOptions& o) const { return profile_new(o, console); }
};

}  // namespace
}  // namespace davy

int main(int argc, char** argv) {
  const auto parsed = davy::parse_tool_line(argc, argv, std::cerr);
  if (const auto* code = std::get_if<davy::ExitCode>(&parsed)) return static_cast<int>(*code);
  davy::Console console{std::cin, std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1,
                        ::isatty(STDERR_FILENO) == 1};
  return static_cast<int>(std::visit(davy::Verb{console}, std::get<davy::ToolOptions>(parsed)));
}
