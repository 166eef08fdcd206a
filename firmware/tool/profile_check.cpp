#include "firmware/tool/profile_check.hpp"

#include <algorithm>
#include <filesystem>

#include "drivers/can/can_plan.hpp"
#include "drivers/modbus/golden_file.hpp"

namespace davy {
namespace {

namespace fs = std::filesystem;

std::string plural(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// The worse of two ends: mistakes in a file before a check that failed.
ExitCode worse(ExitCode a, ExitCode b) {
  if (a == ExitCode::config || b == ExitCode::config) return ExitCode::config;
  return a == ExitCode::ok ? b : a;
}

ExitCode play(const DeviceProfile& profile, const std::string& path, Console& console) {
  const auto golden = load_golden_file(path);
  if (!golden) {
    console.err << golden.error().message << "\n";
    return ExitCode::config;
  }
  std::size_t failed = 0;
  for (const GoldenCase& c : golden->cases) {
    const auto problems = replay(profile, golden->unit, c);
    console.out << "  " << (problems.empty() ? "pass" : "FAIL") << "  " << c.title << "\n";
    for (const std::string& problem : problems)
      console.out << "        " << path << ":" << c.line << ": " << problem << "\n";
    if (!problems.empty()) ++failed;
  }
  for (const std::string& name : unread_signals(profile, *golden))
    console.out << "  note  no case reads the signal " << name << "\n";
  console.out << "  " << plural(golden->cases.size() - failed, "case") << " passed, " << failed
              << " failed\n";
  return failed == 0 ? ExitCode::ok : ExitCode::no;
}

ExitCode check_one(const std::string& file, const std::string& golden, Console& console) {
  const auto profile = load_profile(file);
  if (!profile) {
    console.err << profile.error().message << "\n";
    return ExitCode::config;
  }
  if (const Status named = profile->can ? check_dbc_names(*profile->can, profile->signals) : Status{};
      !named) {
    console.err << named.error().message << "\n";
    return ExitCode::config;
  }
  console.out << file << ": good, " << plural(profile->signals.size(), "signal") << ", "
              << plural(profile->statuses.size(), "status word") << (profile->can ? ", a device on CAN" : "")
              << (profile->tag_reader ? ", a reader of positioning tags" : "") << "\n";
  // Golden files hold registers; a reader's sightings and what comes on CAN are none.
  if (golden.empty() || profile->signals.empty() || profile->can) return ExitCode::ok;
  const bool folder = fs::is_directory(golden);
  const std::string path = folder ? (fs::path{golden} / (profile->name + ".txt")).string() : golden;
  if (!folder || fs::exists(path)) return play(*profile, path, console);
  console.out << "  FAIL  " << path << " does not exist: the profile has no golden frames\n";
  return ExitCode::no;
}

}  // namespace

ExitCode profile_check(const CheckOptions& options, Console& console) {
  ExitCode end = ExitCode::ok;
  for (const std::string& file : options.files) end = worse(end, check_one(file, options.golden, console));
  return end;
}

}  // namespace davy
