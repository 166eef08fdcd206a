// davy-sim: a rig of sensors that do not exist.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "drivers/simulated/rig_ports.hpp"
#include "proto/base/log.hpp"
#include "proto/base/system_clock.hpp"
#include "proto/wire/rig_config.hpp"

namespace {

using namespace davy;
namespace asio = boost::asio;

constexpr int exit_usage = 64;
constexpr int exit_config = 78;
constexpr int exit_port = 73;
constexpr std::chrono::milliseconds narration_step{200};

constexpr const char* about =
    R"(davy-sim pretends to be the sensors of a mine: Modbus RTU devices on pseudo-terminals, as slow as a
real line, and Modbus TCP servers. It plays recorded values and scenarios, and tells what happens on
standard output.

  davy-sim --config rig.textproto --check     what is in the rig, or all that is wrong with the file
  davy-sim --config rig.textproto             runs until Ctrl-C
  mbpoll -m rtu -b 9600 -P none -a 1 -t 3 -r 1 -c 2 -1 ./rtu1    reads two input registers

Exit codes: 0 stopped by signal or --for, 64 usage, 73 a port cannot be opened, 78 configuration.)";

std::string default_profiles() {
  std::error_code ec;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ec);
  return (self.parent_path().parent_path() / "share/davy/profiles").string();
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  char text[32];
  std::snprintf(text, sizeof text, "%02ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

void print_devices(const std::vector<rig::DeviceSettings>& devices, const rig::RigConfig& config) {
  for (const auto& device : devices) {
    const std::string model = device.tag_reader ? "tag reader" : config.profiles[device.profile].name;
    std::printf("    unit %3d  %-20s %-24s %zu signals\n", device.unit, device.name.c_str(), model.c_str(),
                device.signals.size());
  }
}

void print_rig(const rig::RigConfig& config) {
  for (const auto& line : config.lines) {
    std::printf("line %s: %s at %u baud\n", line.name.c_str(), line.link.c_str(), line.serial.baud);
    print_devices(line.devices, config);
  }
  for (const auto& server : config.servers) {
    std::printf("server %s: %s:%u\n", server.name.c_str(), server.address.c_str(), server.port);
    print_devices(server.devices, config);
  }
  for (const auto& step : config.steps)
    std::printf("%s  %s\n", clock_text(step.at).c_str(), step.text.c_str());
}

class Rig {
 public:
  Rig(const rig::RigConfig& config, rig::RigAir& air) : config_{config}, air_{air}, timer_{context_} {}

  Status open() {
    const auto seconds = [this] { return now(); };
    for (const auto& line : config_.lines) {
      auto port = rig::RigLinePort::open(context_, line, devices(line.devices), seconds);
      if (!port) return fail(port.error());
      lines_.push_back(std::move(*port));
    }
    for (const auto& server : config_.servers) {
      auto port = rig::RigServerPort::open(context_, server, devices(server.devices), seconds);
      if (!port) return fail(port.error());
      servers_.push_back(std::move(*port));
    }
    return {};
  }

  void run(double for_seconds) {
    asio::signal_set signals{context_, SIGINT, SIGTERM};
    signals.async_wait([this](const boost::system::error_code&, int) { context_.stop(); });
    asio::signal_set begin{context_, SIGUSR1};
    begin.async_wait([this](const boost::system::error_code& stopped, int) {
      if (!stopped && config_.begin_on_signal) air_.begin_scenario(now());
    });
    end_ = for_seconds;
    std::printf("%s  the rig is ready: %zu lines, %zu servers\n", clock_text(0).c_str(), lines_.size(),
                servers_.size());
    narrate();
    context_.run();
  }

 private:
  double now() const { return std::chrono::duration<double>(clock_.steady() - start_).count(); }

  std::vector<rig::RigDevice> devices(const std::vector<rig::DeviceSettings>& settings) const {
    std::vector<rig::RigDevice> out;
    for (const auto& device : settings) out.emplace_back(device, config_, air_);
    return out;
  }

  void narrate() {
    const double t = now();
    for (const auto* step : air_.beginning(told_, t)) {
      std::printf("%s  %s\n", clock_text(t).c_str(), step->text.c_str());
    }
    for (const auto& news : {air_.relays().take_news(), air_.fan_news(told_, t)}) {
      for (const auto& text : news) std::printf("%s  %s\n", clock_text(t).c_str(), text.c_str());
    }
    std::fflush(stdout);
    told_ = t;
    if (end_ > 0 && t >= end_) return context_.stop();
    timer_.expires_after(narration_step);
    timer_.async_wait([this](const boost::system::error_code& stopped) {
      if (!stopped) narrate();
    });
  }

  const rig::RigConfig& config_;
  rig::RigAir& air_;
  const SystemClock clock_;
  const SteadyTime start_ = clock_.steady();
  asio::io_context context_{1};
  asio::steady_timer timer_;
  std::vector<std::unique_ptr<rig::RigLinePort>> lines_;
  std::vector<std::unique_ptr<rig::RigServerPort>> servers_;
  double told_ = 0;
  double end_ = 0;
};

int run(const std::string& file, const std::string& profiles, bool check, double for_seconds) {
  const auto config = rig::load_rig_config(file, profiles);
  if (!config) return std::fprintf(stderr, "%s\n", config.error().message.c_str()), exit_config;
  auto air = rig::RigAir::make(*config);
  if (!air) return std::fprintf(stderr, "%s\n", air.error().message.c_str()), exit_config;
  if (check) return print_rig(*config), 0;
  Rig rig{*config, *air};
  if (auto opened = rig.open(); !opened)
    return std::fprintf(stderr, "%s\n", opened.error().message.c_str()), exit_port;
  rig.run(for_seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{about};
  std::string file;
  std::string profiles = default_profiles();
  bool check = false;
  double for_seconds = 0;
  app.add_option("--config", file, "The rig: a file as drivers/simulated/README.md explains")->required();
  app.add_option("--profiles", profiles, "Folder of device profiles")->capture_default_str();
  app.add_flag("--check", check, "Check the file, print what is in it, and end");
  app.add_option("--for", for_seconds, "Stop after so many seconds");
  app.set_version_flag("--version", DAVY_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : exit_usage;
  }
  return run(file, profiles, check, for_seconds);
}
