#include "firmware/tool/command_line.hpp"

#include <iostream>
#include <ostream>

#include <CLI/CLI.hpp>

#include "firmware/app/installed_profiles.hpp"
#include "firmware/tool/help_text.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

// Words as they stand on the command line, until all of them are there.
struct Words {
  std::string tcp, parity = "none", bauds = "9600,19200,4800,38400,115200", parities = "none,even,odd",
                   units = "1-247", table = "input", address = "0", counting;
  std::uint32_t baud = 9600, stop_bits = 1;
  std::int64_t listen_ms = 1000, wait_ms = 0, period_ms = 1000;
  double for_s = 0;
};

// A validator that lets `from` judge.
template <typename From>
CLI::Validator by(From from) {
  return {[from](const std::string& text) {
            const auto value = from(text);
            return value ? std::string{} : value.error().message;
          },
          ""};
}

class ToolLine {
 public:
  ToolLine()
      : app_{
            "The technician's tool: finds, reads and watches the devices of a bus, and makes profiles of "
            "them.",
            "davy"} {
    app_.footer(help::top);
    app_.set_version_flag("--version", std::string{"davy "} + DAVY_VERSION, "print the version and end");
    app_.require_subcommand(1);
    CLI::App* bus = app_.add_subcommand("bus", "look at a bus and its devices");
    bus->require_subcommand(1);
    CLI::App* profile = app_.add_subcommand("profile", "device profiles: check one, make one");
    profile->require_subcommand(1);
    add_scan(*bus);
    add_read(*bus);
    add_watch(*bus);
    add_sniff(*bus);
    add_check(*profile);
    add_new(*profile);
  }

  CLI::App& app() { return app_; }

  // After parsing. Errors are for the command line.
  Result<ToolOptions> options() {
    if (*scan_verb_) return scan();
    if (*read_verb_) return read();
    if (*watch_verb_) return watch();
    if (*sniff_verb_) return sniff();
    if (*check_verb_) return check_;
    return make();
  }

 private:
  void add_bus(CLI::App& verb, BusChoice& bus, bool settings) {
    auto* port = verb.add_option("--port", bus.port, "serial port, such as /dev/ttyUSB0")->type_name("DEV");
    verb.add_option("--tcp", words_.tcp, "Modbus TCP server; port 502 if none is given")
        ->type_name("HOST[:PORT]")
        ->check(by(tcp_from))
        ->excludes(port);
    if (settings) add_line(verb);
  }

  void add_line(CLI::App& verb) {
    verb.add_option("--baud", words_.baud, "baud rate")->type_name("N")->check(CLI::Range(300, 1'000'000));
    verb.add_option("--parity", words_.parity, "none, even or odd")
        ->type_name("P")
        ->check(by([](const auto& t) { return parities_from(t); }));
    verb.add_option("--stop-bits", words_.stop_bits, "1 or 2")->type_name("N")->check(CLI::Range(1, 2));
  }

  void add_unit(CLI::App& verb, std::uint8_t& unit) {
    verb.add_option("--unit", unit, "the device's unit id: 1 to 247, through TCP 0 to 255")
        ->type_name("N")
        ->check(CLI::Range(0, 255))
        ->required();
  }

  void add_wait(CLI::App& verb, const char* what) {
    verb.add_option("--wait", words_.wait_ms, what)->type_name("MS")->check(CLI::Range(10, 10'000));
  }

  void add_profiles(CLI::App& verb, std::string& folder) {
    folder = installed_profiles();
    verb.add_option("--profiles", folder, "folder of device profiles, if not the one davy was installed with")
        ->type_name("DIR");
  }

  void add_for(CLI::App& verb) {
    verb.add_option("--for", words_.for_s, "end after so many seconds; otherwise Ctrl-C does")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.1, 1e6));
  }

  void add_scan(CLI::App& bus) {
    scan_verb_ =
        bus.add_subcommand("scan", "find baud rate, parity and unit ids without disturbing a live bus");
    scan_verb_->footer(help::scan);
    add_bus(*scan_verb_, scan_.bus, false);
    scan_verb_->add_option("--baud", words_.bauds, "candidates, in this order")
        ->type_name("N,N")
        ->check(by(bauds_from))
        ->capture_default_str();
    scan_verb_->add_option("--parity", words_.parities, "candidates, in this order")
        ->type_name("P,P")
        ->check(by(parities_from))
        ->capture_default_str();
    scan_verb_->add_option("--units", words_.units, "unit ids to ask")
        ->type_name("N-N")
        ->check(by(units_from))
        ->capture_default_str();
    scan_verb_
        ->add_option("--listen", words_.listen_ms,
                     "how long to listen at each setting; longer than the master's round")
        ->type_name("MS")
        ->check(CLI::Range(50, 600'000))
        ->capture_default_str();
    add_wait(*scan_verb_, "how long a unit may take to answer; otherwise 200");
    scan_verb_->add_flag("--ask-anyway", scan_.ask_anyway, "ask although somebody talks on the line");
    scan_verb_->add_flag("--all-settings", scan_.all_settings,
                         "go on after the first setting that is answered");
  }

  void add_read(CLI::App& bus) {
    read_verb_ = bus.add_subcommand("read", "raw registers, with everything they may mean");
    read_verb_->footer(help::read);
    add_bus(*read_verb_, read_.bus, true);
    add_unit(*read_verb_, read_.unit);
    read_verb_->add_option("--table", words_.table, "input, holding, coil or discrete")
        ->type_name("T")
        ->check(by(table_from))
        ->capture_default_str();
    read_verb_->add_option("--address", words_.address, "the first register, as on the wire, from 0")
        ->type_name("N")
        ->check(by([](const auto& t) { return integer_from(t, 0, 65535); }))
        ->required();
    read_verb_->add_option("--count", read_.count, "how many")->type_name("N")->check(CLI::Range(1, 125));
    read_verb_->add_option("--expect", read_.expect, "find this value around the address")
        ->type_name("VALUE");
    read_verb_
        ->add_option("--scale", read_.scale, "what a raw number is multiplied by; otherwise the usual ones")
        ->type_name("X");
    read_verb_->add_option("--within", read_.within, "how far from it still counts; otherwise 2 %")
        ->type_name("X");
    read_verb_->add_flag("--raw", read_.raw, "print request and reply too, as golden files write them");
    add_wait(*read_verb_, "how long the device may take to answer; otherwise 1000");
  }

  void add_watch(CLI::App& bus) {
    watch_verb_ = bus.add_subcommand("watch", "one device live, as its profile says");
    watch_verb_->footer(help::watch);
    add_bus(*watch_verb_, watch_.bus, true);
    add_unit(*watch_verb_, watch_.unit);
    watch_verb_->add_option("--profile", watch_.profile, "a profile's name, or its file")
        ->type_name("NAME")
        ->required();
    add_profiles(*watch_verb_, watch_.profiles);
    watch_verb_->add_option("--period", words_.period_ms, "how often to read")
        ->type_name("MS")
        ->check(CLI::Range(20, 3'600'000))
        ->capture_default_str();
    add_wait(*watch_verb_, "how long the device may take to answer, if not what its profile says");
    add_for(*watch_verb_);
  }

  void add_sniff(CLI::App& bus) {
    sniff_verb_ = bus.add_subcommand("sniff", "what passes on a bus, listening only");
    sniff_verb_->footer(help::sniff);
    sniff_verb_->add_option("--port", sniff_.bus.port, "serial port, such as /dev/ttyUSB0")
        ->type_name("DEV")
        ->required();
    add_line(*sniff_verb_);
    sniff_verb_->add_option("--profile", sniff_.unit_profiles, "decode a unit's answers; may come again")
        ->type_name("UNIT=NAME");
    add_profiles(*sniff_verb_, sniff_.profiles);
    sniff_verb_->add_flag("--raw", sniff_.raw, "print the frames too, as golden files write them");
    add_for(*sniff_verb_);
  }

  void add_check(CLI::App& profile) {
    check_verb_ =
        profile.add_subcommand("check", "find every mistake in profiles, and play golden frames to them");
    check_verb_->footer(help::check);
    check_verb_->add_option("FILE", check_.files, "profiles, NAME.textproto")->required();
    check_verb_->add_option("--golden", check_.golden, "a golden file, or a folder of them")
        ->type_name("PATH");
  }

  void add_new(CLI::App& profile) {
    new_verb_ = profile.add_subcommand("new", "make a profile from a manual, by questions or by flags");
    new_verb_->footer(help::make);
    new_verb_->add_option("NAME", new_.name, "the profile's name: letters, digits, - _ .")->required();
    new_verb_->add_option("--folder", new_.folder, "where NAME.textproto is written; otherwise here")
        ->type_name("DIR");
    new_verb_->add_option("--maker", new_.maker, "who makes the device");
    new_verb_->add_option("--model", new_.model, "what the maker calls it");
    new_verb_->add_option("--source", new_.sources, "manual and page the facts are from; may come again");
    new_verb_
        ->add_option("--counting", words_.counting,
                     "how the manual counts registers: wire, from-one or 40001")
        ->check(by(counting_from));
    new_verb_->add_option("--signal", new_.signals, "a signal without questions; may come again")
        ->type_name("WORDS");
    add_bus(*new_verb_, new_.bus, true);
    new_verb_->add_option("--unit", new_.unit, "read each signal live from this unit")
        ->type_name("N")
        ->check(CLI::Range(0, 255));
    add_wait(*new_verb_, "how long the device may take to answer; otherwise 1000");
  }

  // What was written of the bus. A place is needed by every verb but `profile new`.
  Status fill(BusChoice& bus, const CLI::App& verb, bool needed) {
    if (!words_.tcp.empty()) bus.tcp = *tcp_from(words_.tcp);
    if (needed && bus.port.empty() && !bus.tcp)
      return davy::fail(Errc::bad_data, "where is the bus? give --port /dev/ttyUSB0 or --tcp HOST:PORT");
    const auto given = [&](const char* option) { return verb.get_option(option)->count() > 0; };
    if (verb.get_option_no_throw("--stop-bits") == nullptr) return {};
    if (given("--baud")) bus.baud = words_.baud;
    if (given("--parity")) {
      const auto parity = parities_from(words_.parity);
      if (parity->size() != 1) return davy::fail(Errc::bad_data, "--parity takes one word here");
      bus.parity = parity->front();
    }
    if (given("--stop-bits")) bus.stop_bits = words_.stop_bits;
    return {};
  }

  // On a serial line 0 is everybody, and nobody answers; beyond 247 nobody is.
  static Status check_unit(const BusChoice& bus, std::uint8_t unit) {
    if (bus.tcp || (unit >= 1 && unit <= 247)) return {};
    return davy::fail(Errc::bad_data, "there is no unit " + std::to_string(unit) +
                                          " on a serial line: unit ids are 1 to 247");
  }

  Duration wait_or(Duration otherwise) const {
    return words_.wait_ms > 0 ? Duration{words_.wait_ms} : otherwise;
  }
  std::optional<Duration> span() const {
    if (words_.for_s <= 0) return std::nullopt;
    return Duration{static_cast<std::int64_t>(words_.for_s * 1000)};
  }

  Result<ToolOptions> scan() {
    if (const Status filled = fill(scan_.bus, *scan_verb_, true); !filled) return davy::fail(filled.error());
    const std::vector<std::uint32_t> bauds = *bauds_from(words_.bauds);
    const std::vector<Parity> parities = *parities_from(words_.parities);
    for (const Parity parity : parities) {
      // With parity and without, a character has 11 bits or 10: one stop bit is what devices do in practice.
      for (const std::uint32_t baud : bauds) scan_.lines.push_back({baud, parity, 1});
    }
    scan_.units = *units_from(words_.units);
    for (const std::uint8_t unit : scan_.units) {
      if (const Status good = check_unit(scan_.bus, unit); !good) return davy::fail(good.error());
    }
    scan_.listen = Duration{words_.listen_ms};
    scan_.wait = wait_or(scan_.wait);
    return scan_;
  }

  Result<ToolOptions> read() {
    if (const Status filled = fill(read_.bus, *read_verb_, true); !filled) return davy::fail(filled.error());
    if (const Status good = check_unit(read_.bus, read_.unit); !good) return davy::fail(good.error());
    read_.table = *table_from(words_.table);
    read_.address = static_cast<std::uint16_t>(*integer_from(words_.address, 0, 65535));
    read_.wait = wait_or(read_.wait);
    if (read_.address + read_.count > 65536)
      return davy::fail(Errc::bad_data, "the last register would be beyond address 65535");
    if (read_.expect && is_bits(read_.table))
      return davy::fail(Errc::bad_data, "--expect searches registers: take --table input or holding");
    if ((read_.scale || read_.within) && !read_.expect)
      return davy::fail(Errc::bad_data, "--scale and --within belong to --expect VALUE");
    return read_;
  }

  Result<ToolOptions> watch() {
    if (const Status filled = fill(watch_.bus, *watch_verb_, true); !filled)
      return davy::fail(filled.error());
    if (const Status good = check_unit(watch_.bus, watch_.unit); !good) return davy::fail(good.error());
    if (words_.wait_ms > 0) watch_.wait = Duration{words_.wait_ms};
    watch_.period = Duration{words_.period_ms};
    watch_.span = span();
    return watch_;
  }

  Result<ToolOptions> sniff() {
    if (const Status filled = fill(sniff_.bus, *sniff_verb_, true); !filled)
      return davy::fail(filled.error());
    sniff_.span = span();
    return sniff_;
  }

  Result<ToolOptions> make() {
    if (const Status filled = fill(new_.bus, *new_verb_, false); !filled) return davy::fail(filled.error());
    const bool with_unit = new_verb_->get_option("--unit")->count() > 0;
    const bool with_place = !new_.bus.port.empty() || new_.bus.tcp.has_value();
    if (with_unit != with_place) {
      return davy::fail(Errc::bad_data, "to read live give both the bus, --port or --tcp, and --unit");
    }
    if (const Status good = check_unit(new_.bus, new_.unit); !good) return davy::fail(good.error());
    new_.with_bus = with_place;
    new_.wait = wait_or(new_.wait);
    if (!words_.counting.empty()) new_.counting = *counting_from(words_.counting);
    return new_;
  }

  CLI::App app_;
  Words words_;
  ScanOptions scan_;
  ReadOptions read_;
  WatchOptions watch_;
  SniffOptions sniff_;
  CheckOptions check_;
  NewOptions new_;
  CLI::App* scan_verb_ = nullptr;
  CLI::App* read_verb_ = nullptr;
  CLI::App* watch_verb_ = nullptr;
  CLI::App* sniff_verb_ = nullptr;
  CLI::App* check_verb_ = nullptr;
  CLI::App* new_verb_ = nullptr;
};

}  // namespace

std::variant<ToolOptions, ExitCode> parse_tool_line(int argc, const char* const* argv, std::ostream& err) {
  ToolLine line;
  std::string complaint;
  try {
    line.app().parse(argc, argv);
    auto options = line.options();
    if (options) return *std::move(options);
    complaint = options.error().message;
  } catch (const CLI::Success& success) {  // --help, --version
    line.app().exit(success);
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    complaint = error.what();
  }
  err << "davy: " << complaint << "\nRun davy --help, or a verb with --help, for usage and examples.\n";
  return ExitCode::usage;
}

}  // namespace davy
