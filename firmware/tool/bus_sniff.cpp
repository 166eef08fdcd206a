#include "firmware/tool/bus_sniff.hpp"

#include <cmath>
#include <map>

#include "drivers/modbus/golden_file.hpp"
#include "firmware/tool/bus_choice.hpp"
#include "firmware/tool/bus_watch.hpp"
#include "firmware/tool/line_hearing.hpp"
#include "firmware/tool/register_image.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

constexpr std::size_t values_shown_max = 16;
constexpr std::uint64_t noise_bytes_min = 8;  // fewer may be a port being opened

// Each unit's profile and what its registers were when last heard.
struct HeardDevice {
  DeviceProfile profile;
  RegisterImage image;
};

Result<std::map<std::uint8_t, HeardDevice>> devices_from(const SniffOptions& options) {
  std::map<std::uint8_t, HeardDevice> out;
  for (const std::string& text : options.unit_profiles) {
    const std::size_t equals = text.find('=');
    const auto unit = integer_from(text.substr(0, equals), 1, 247);
    if (!unit || equals == std::string::npos) {
      return fail(Errc::bad_data, "--profile " + text + ": write it as UNIT=NAME, such as 3=xy-md02");
    }
    auto profile = find_profile(text.substr(equals + 1), options.profiles);
    if (!profile) return fail(profile.error());
    out[static_cast<std::uint8_t>(*unit)] = {std::move(*profile), {}};
  }
  return out;
}

class Sniff {
 public:
  Sniff(const SniffOptions& options, std::map<std::uint8_t, HeardDevice> devices, Console& console)
      : options_{options}, devices_{std::move(devices)}, console_{console} {}

  void tell(const HeardExchange& heard) {
    if (!began_) began_ = heard.began;
    const auto ms = std::chrono::duration_cast<Duration>(heard.began - *began_).count();
    std::string stamp = std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1);
    console_.out << stamp << "  " << what(heard) << "\n";
    if (options_.raw) {
      if (!heard.request.empty()) console_.out << "    > " << hex_text(heard.request) << "\n";
      if (!heard.reply.empty()) console_.out << "    < " << hex_text(heard.reply) << "\n";
    }
    if (heard.kind == HeardExchange::Kind::answered) tell_signals(heard);
    console_.out.flush();
  }

 private:
  static std::string what(const HeardExchange& heard) {
    const std::string asked = heard.read ? describe(*heard.read)
                                         : "unit " + std::to_string(heard.unit) + ", " +
                                               std::string{function_name(heard.function)} + " (function " +
                                               std::to_string(heard.function) + ")";
    switch (heard.kind) {
      case HeardExchange::Kind::answered:
        return asked + ": " + (heard.read ? values(heard) : data(heard)) + after(heard);
      case HeardExchange::Kind::refused:
        return asked + ": exception " + std::to_string(heard.exception) + ", " +
               std::string{exception_meaning(heard.exception)} + after(heard);
      case HeardExchange::Kind::unanswered:
        return asked + (heard.unit == 0 ? ": to all units, nobody answers" : ": no answer") +
               (heard.read ? "" : " to " + hex_text(heard.request));
      case HeardExchange::Kind::orphan:
        return asked + ": an answer to a question that was not heard: " + hex_text(heard.reply);
      case HeardExchange::Kind::damaged:
        return "wrong checksum" +
               (heard.unit != 0 ? " where an answer was due to: " + asked : std::string{}) + ": " +
               std::to_string(heard.reply.size()) + " bytes " + shortened(heard.reply);
    }
    return {};
  }

  static std::string values(const HeardExchange& heard) {
    std::string out;
    for (std::size_t i = 0; i < heard.values.size() && i < values_shown_max; ++i)
      out += (i > 0 ? " " : "") + std::to_string(heard.values[i]);
    return heard.values.size() > values_shown_max ? out + " ..." : out;
  }

  // Between unit and function and the checksum.
  static std::string data(const HeardExchange& heard) {
    const auto body = [](const std::vector<std::uint8_t>& frame) {
      return hex_text(std::span{frame}.subspan(2, frame.size() - 4));
    };
    return body(heard.request) + " -> " + body(heard.reply);
  }

  static std::string shortened(const std::vector<std::uint8_t>& bytes) {
    return hex_text(std::span{bytes}.first(std::min(bytes.size(), values_shown_max))) +
           (bytes.size() > values_shown_max ? " ..." : "");
  }

  static std::string after(const HeardExchange& heard) {
    const auto ms = std::chrono::duration_cast<Duration>(*heard.reply_after).count();
    return " (after " + std::to_string(std::max<std::int64_t>(ms, 0)) + " ms)";
  }

  void tell_signals(const HeardExchange& heard) {
    const auto device = devices_.find(heard.unit);
    if (device == devices_.end() || !heard.read) return;
    auto& [profile, image] = device->second;
    image.put(*heard.read, heard.values);
    for (const SignalProfile& signal : profile.signals) {
      const std::uint32_t end = std::uint32_t{heard.read->address} + heard.read->count;
      if (signal.table != heard.read->table || signal.address < heard.read->address || signal.address >= end)
        continue;
      const auto decoded = decode_from(image, profile, signal);
      if (!decoded) continue;
      const auto& [value, quality] = decoded->reading;
      console_.out << "    " << signal.name << " " << (std::isnan(value) ? "-" : short_number(value, 10))
                   << " " << signal.unit << (signal.unit.empty() ? "" : " ") << to_string(quality.validity);
      if (quality.maintenance != Maintenance::none) console_.out << ", " << to_string(quality.maintenance);
      console_.out << (decoded->with_status ? "" : " (its status word was not heard yet)") << "\n";
    }
  }

  const SniffOptions& options_;
  std::map<std::uint8_t, HeardDevice> devices_;
  Console& console_;
  std::optional<std::chrono::microseconds> began_;
};

}  // namespace

ExitCode bus_sniff(const SniffOptions& options, Console& console) {
  auto devices = devices_from(options);
  if (!devices) {
    console.err << "davy: " << devices.error().message << "\n";
    return devices.error().code == Errc::bad_config ? ExitCode::config : ExitCode::usage;
  }
  const SerialSettings line = options.bus.serial();
  SerialListener port;
  if (const Status opened = port.open({options.bus.port, line}); !opened)
    return complain_of_port(console, opened.error());
  console.err << "listening to " << bus_text(options.bus, line) << "; nothing is sent; Ctrl-C ends\n";
  StopSignal stop;
  LineHearing hearing{line};
  Sniff sniff{options, std::move(*devices), console};
  hearing.on_exchange([&](const HeardExchange& heard) { sniff.tell(heard); });
  const Status heard = hearing.run(port, stop, options.span);
  console.out << "\n" << hearing.tally().report();
  if (hearing.tally().bytes() == 0) {
    console.out << "The line was silent. Is the master running, and are A and B at the right terminals?\n";
  } else if (!hearing.tally().is_understood() && hearing.tally().bytes() >= noise_bytes_min) {
    console.out << "Something talks, but not at these settings: davy bus scan --port " << options.bus.port
                << " finds them\n";
  }
  if (!heard) return complain_of_port(console, heard.error());
  return hearing.tally().frames() > 0 ? ExitCode::ok : ExitCode::no;
}

}  // namespace davy
