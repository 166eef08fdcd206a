#include "firmware/tool/bus_watch.hpp"

#include <cmath>
#include <numeric>

#include "drivers/modbus/solo_device.hpp"
#include "drivers/modbus/wait_timer.hpp"
#include "firmware/app/text_table.hpp"
#include "firmware/tool/bus_choice.hpp"
#include "firmware/tool/register_image.hpp"
#include "firmware/tool/stop_signal.hpp"
#include "firmware/tool/words.hpp"
#include "proto/base/system_clock.hpp"

namespace davy {
namespace {

std::string quality_text(const Quality& quality) {
  std::string out{to_string(quality.validity)};
  if (quality.maintenance != Maintenance::none) out += ", " + std::string{to_string(quality.maintenance)};
  return out;
}

std::string value_text(const Reading& reading) {
  return std::isnan(reading.value) ? "-" : short_number(reading.value, 10);
}

std::string seconds_text(Duration span) {
  const auto tenths = span.count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

// What is known of one signal.
struct Line {
  Reading reading;
  std::string raw = "-";
  std::optional<SteadyTime> answered;
};

class Watch {
 public:
  // `clock` outlives it, and so does `bus`.
  Watch(const WatchOptions& options, const DeviceProfile& profile, RegisterBus& bus, const Clock& clock,
        const SerialSettings& line, Console& console)
      : options_{options},
        title_{profile.name + ", unit " + std::to_string(options.unit) + " at " +
               bus_text(options.bus, line) + ", every " + std::to_string(options.period.count()) + " ms"},
        console_{console},
        clock_{clock},
        tapped_{bus},
        device_{options.unit, profile, all_signals(profile), options.wait.value_or(profile.reply_timeout),
                endpoint_of(options.bus, line)},
        lines_(profile.signals.size()) {}

  ExitCode run() {
    StopSignal stop;
    WaitTimer timer;
    began_ = clock_.steady();
    if (!console_.out_is_terminal) console_.out << title_ << "\n";
    for (SteadyTime due = began_;;) {
      const DeviceReport report = round();
      if (report.last_fault == BusFault::port_lost && answered_ == 0) {
        console_.err << "davy: " << report.message << "\n";
        return ExitCode::port_unusable;
      }
      const SteadyTime now = clock_.steady();
      if (stop.asked() || (options_.span && now - began_ >= *options_.span)) break;
      due = std::max(due + options_.period, now);
      timer.arm(due - now);
      if (wait_readable(stop.descriptor(), timer) != Woken::expired) break;
    }
    console_.out << fault_text();
    return answered_ > 0 ? ExitCode::ok : ExitCode::no;
  }

 private:
  static std::vector<std::uint32_t> all_signals(const DeviceProfile& profile) {
    std::vector<std::uint32_t> out(profile.signals.size());
    std::iota(out.begin(), out.end(), 0U);
    return out;
  }
  const SignalProfile& signal(std::size_t i) const { return device_.profile().signals[i]; }

  DeviceReport round() {
    const RoundResult result = device_.read(tapped_, clock_);
    const SteadyTime now = clock_.steady();
    ++rounds_;
    if (result.report.answered()) ++answered_;
    if (result.report.failed > 0) last_message_ = result.report.message;
    for (std::size_t i = 0; i < lines_.size(); ++i) take(i, result.readings[i].reading, now);
    if (console_.out_is_terminal) redraw(now);
    console_.out.flush();
    return result.report;
  }

  void take(std::size_t i, const Reading& reading, SteadyTime now) {
    Line& line = lines_[i];
    const bool heard = reading.quality.validity != Validity::bad_comm;
    const std::string raw = heard ? raw_text(tapped_.image(), signal(i)) : line.raw;
    const bool changed = rounds_ == 1 || raw != line.raw || reading.quality != line.reading.quality ||
                         value_text(reading) != value_text(line.reading);
    line.reading = reading;
    line.raw = raw;
    if (heard) line.answered = now;
    if (!changed || console_.out_is_terminal) return;
    console_.out << seconds_text(now - began_) << " " << signal(i).name << " " << value_text(reading) << " "
                 << signal(i).unit << (signal(i).unit.empty() ? "" : " ") << quality_text(reading.quality)
                 << " raw " << raw << "\n";
  }

  void redraw(SteadyTime now) {
    TextTable table;
    table.add({"signal", "value", "unit", "quality", "age", "raw"});
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const Line& line = lines_[i];
      table.add({signal(i).name, value_text(line.reading), signal(i).unit, quality_text(line.reading.quality),
                 line.answered ? seconds_text(now - *line.answered) : "never", line.raw});
    }
    std::string text = title_ + "; Ctrl-C ends\n" + table.print() + fault_text();
    std::string screen;
    if (drawn_lines_ > 0) screen = "\x1b[" + std::to_string(drawn_lines_) + "A";
    drawn_lines_ = 0;
    for (const std::string& row : split_words(text, '\n')) {
      screen += row + "\x1b[K\n";
      ++drawn_lines_;
    }
    console_.out << screen << "\x1b[J";
  }

  std::string fault_text() const {
    std::string out = "rounds " + std::to_string(rounds_) + ", answered " + std::to_string(answered_) +
                      ", requests " + std::to_string(tapped_.requests());
    for (const auto& [fault, count] : tapped_.faults())
      out += ", " + std::string{to_string(fault)} + " " + std::to_string(count);
    out += "\n";
    if (!last_message_.empty()) out += "last fault: " + last_message_ + "\n";
    return out;
  }

  const WatchOptions& options_;
  const std::string title_;
  Console& console_;
  const Clock& clock_;
  TappedBus tapped_;
  SoloDevice device_;
  std::vector<Line> lines_;
  SteadyTime began_{};
  std::uint32_t rounds_ = 0, answered_ = 0;
  std::string last_message_;
  int drawn_lines_ = 0;
};

}  // namespace

Result<DeviceProfile> find_profile(const std::string& name, const std::string& folder) {
  constexpr std::string_view ending = ".textproto";
  const bool file = name.find('/') != std::string::npos || name.ends_with(ending);
  auto loaded = load_profile(file ? name : folder + "/" + name + std::string{ending});
  if (loaded || file) return loaded;
  return fail(Errc::bad_config, loaded.error().message + "\nProfiles are looked for in " + folder +
                                    "; --profiles names another folder, and a file's path does as well");
}

ExitCode bus_watch(const WatchOptions& options, Console& console) {
  const auto profile = find_profile(options.profile, options.profiles);
  if (!profile) {
    console.err << profile.error().message << "\n";
    return ExitCode::config;
  }
  if (profile->can) {
    console.err << "davy: profile " << profile->name << " is of a device on CAN; candump shows its frames\n";
    return ExitCode::config;
  }
  if (profile->signals.empty()) {
    console.err << "davy: profile " << profile->name
                << " has no signals to watch: it is a reader of positioning tags only\n";
    return ExitCode::config;
  }
  const SerialSettings line = options.bus.serial(profile->serial);
  if (const Status free = check_port(options.bus, line); !free)
    return complain_of_port(console, free.error());
  const SystemClock clock;
  const auto bus = make_bus(options.bus, line, clock);
  return Watch{options, *profile, *bus, clock, line, console}.run();
}

}  // namespace davy
