#include "firmware/tool/bus_scan.hpp"

#include <algorithm>

#include "firmware/app/endpoint_text.hpp"
#include "firmware/tool/bus_choice.hpp"
#include "firmware/tool/line_hearing.hpp"
#include "firmware/tool/unit_search.hpp"
#include "firmware/tool/words.hpp"
#include "proto/base/system_clock.hpp"

namespace davy {
namespace {

// A master that was understood is heard for so long, to learn what it asks.
constexpr Duration learn_for{5000};
constexpr std::uint64_t noise_bytes_min = 8;  // fewer may be a port being opened
constexpr int patience_more = 5;
constexpr std::size_t request_and_reply = 8 + 7;

std::string time_text(Duration span) {
  const auto seconds = (span.count() + 999) / 1000;
  if (seconds < 90) return std::to_string(seconds) + " s";
  return std::to_string((seconds + 59) / 60) + " min";
}

class Scan {
 public:
  Scan(const ScanOptions& options, Console& console) : options_{options}, console_{console} {}

  ExitCode run() {
    if (options_.bus.tcp) return ask_all({SerialSettings{}});
    std::vector<SerialSettings> lines = options_.lines;
    // A master with long pauses says little in a short time: what talks and is not understood is heard
    // longer.
    for (const int patience : {1, patience_more}) {
      if (const auto refused = listen(patience * options_.listen); refused) return *refused;
      if (heard_ || noise_bytes_ < noise_bytes_min) break;
    }
    if (heard_) {
      console_.out << "A master is talking on " << options_.bus.port << " at " << line_text(*heard_) << ".\n"
                   << "Use --baud " << heard_->baud << " --parity " << parity_word(heard_->parity)
                   << " for this bus; davy bus sniff shows what is said.\n";
      if (!options_.ask_anyway) {
        console_.out
            << "Nothing was sent: a question between those of the master spoils answers. --ask-anyway "
               "asks all the same; better stop the master first.\n";
        return ExitCode::ok;
      }
      lines = {*heard_};
    } else if (noise_bytes_ >= noise_bytes_min && !stop_.asked()) {
      console_.out
          << "Something talks on " << options_.bus.port << " (" << noise_bytes_
          << " bytes at most), at none of the settings tried. Try other --baud and --parity, or look "
             "for a loose wire.\n";
      if (!options_.ask_anyway) {
        console_.out << "Nothing was sent; --ask-anyway asks all the same.\n";
        return ExitCode::no;
      }
    }
    if (!stop_.asked()) return ask_all(lines);
    console_.out << "Stopped while listening; nothing was sent.\n";
    return ExitCode::no;
  }

 private:
  // One line that is written over; nothing where nobody looks.
  void progress(const std::string& text) {
    if (console_.err_is_terminal) console_.err << "\r" << text << "\x1b[K" << std::flush;
  }

  // Sets heard_ when a candidate makes sense of the line. A code: the port cannot be used.
  std::optional<ExitCode> listen(Duration each) {
    SerialListener port;
    std::size_t left = options_.lines.size();
    for (const SerialSettings& line : options_.lines) {
      if (stop_.asked()) break;
      progress("listening at " + line_text(line) + ", " + time_text(left-- * each) +
               " of listening left; nothing is sent");
      if (const Status opened = port.open({options_.bus.port, line}); !opened) {
        progress("");
        return complain_of_port(console_, opened.error());
      }
      LineHearing hearing{line};
      const auto failed = hear(port, hearing, each);
      if (failed) return failed;
      noise_bytes_ = std::max(noise_bytes_, hearing.tally().bytes());
      if (!hearing.tally().is_understood()) continue;
      heard_ = line;
      progress("");
      console_.out << hearing.tally().report();
      break;
    }
    progress("");
    return std::nullopt;
  }

  std::optional<ExitCode> hear(SerialListener& port, LineHearing& hearing, Duration each) {
    const auto some = [&] { return hearing.tally().frames() > 0; };
    Status heard = hearing.run(port, stop_, each, some);
    if (heard && some()) heard = hearing.run(port, stop_, std::max(learn_for, 2 * each));
    if (heard) return std::nullopt;
    progress("");
    return complain_of_port(console_, heard.error());
  }

  ExitCode ask_all(const std::vector<SerialSettings>& lines) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < lines.size() && !stop_.asked(); ++i) {
      const auto bus = make_bus(options_.bus, lines[i], clock_);
      UnitSearch search{*bus, options_.wait};
      const auto units = ask(search, lines[i], lines.size() - i - 1);
      progress("");
      if (search.port_lost()) {
        console_.err << "davy: " << *search.port_lost() << "\n";
        if (units.empty()) return ExitCode::port_unusable;
      }
      if (units.empty()) continue;
      found += units.size();
      tell(units, lines[i]);
      if (search.port_lost()) return ExitCode::port_unusable;
      if (!options_.all_settings) break;
    }
    if (found > 0) return ExitCode::ok;
    console_.out << (stop_.asked() ? "Stopped before anybody answered.\n" : "Nobody answered. ")
                 << (stop_.asked() ? "" : nobody());
    return ExitCode::no;
  }

  std::vector<FoundUnit> ask(UnitSearch& search, const SerialSettings& line, std::size_t lines_left) {
    const Duration each = options_.wait + (options_.bus.tcp ? Duration{0} : wire(line));
    return search.run(
        options_.units, [&](std::uint8_t unit, RegisterTable table, std::size_t step, std::size_t steps) {
          const Duration left = each * static_cast<std::int64_t>(steps - step + 1 + lines_left * steps);
          progress("asking at " + bus_text(options_.bus, line) + ": unit " + std::to_string(unit) + ", " +
                   std::string{table_name(table)} + "; at most " + time_text(left) + " left, Ctrl-C ends");
          return !stop_.asked();
        });
  }

  static Duration wire(const SerialSettings& line) {
    return Duration{static_cast<std::int64_t>(request_and_reply * 12 * 1000 / line.baud + 4)};
  }

  void tell(const std::vector<FoundUnit>& units, const SerialSettings& line) {
    console_.out << "found at " << bus_text(options_.bus, line) << ":\n" << found_text(units);
    if (options_.bus.tcp && units.size() > 1 && units.size() == options_.units.size()) {
      console_.out << "Every unit id answers: this is most likely one device that does not look at it.\n";
    }
    const FoundUnit& first = units.front();
    const auto holding = first.replies.find(RegisterTable::holding);
    const bool in_holding = holding != first.replies.end() && holding->second.ok();
    console_.out << "next: davy bus read " << bus_flags(options_.bus, line) << " --unit "
                 << static_cast<int>(first.unit) << " --table " << (in_holding ? "holding" : "input")
                 << " --address 0 --count 10\n";
  }

  std::string nobody() const {
    if (options_.bus.tcp) return "Is it the right port, and are the devices behind it powered?\n";
    return "Check the supply, A and B (swapped?), and that the settings tried are the device's: " +
           std::to_string(options_.lines.size()) + " settings, units " +
           std::to_string(options_.units.front()) + " to " + std::to_string(options_.units.back()) + ", " +
           std::to_string(options_.wait.count()) +
           " ms for an answer. A slow device needs a longer --wait.\n";
  }

  const ScanOptions& options_;
  Console& console_;
  StopSignal stop_;
  const SystemClock clock_;
  std::optional<SerialSettings> heard_;
  std::uint64_t noise_bytes_ = 0;
};

}  // namespace

ExitCode bus_scan(const ScanOptions& options, Console& console) { return Scan{options, console}.run(); }

}  // namespace davy
