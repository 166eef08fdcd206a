#include "host/app/host_app.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <utility>

#include <limits.h>
#include <unistd.h>

#include "host/history/sqlite_history_reader.hpp"
#include "proto/base/log.hpp"

namespace davy {
namespace {

constexpr Duration turn_max{1000};  // the main loop turns at least so often, to tell that it does
constexpr Duration web_silent_max{10'000};

// What a failure of the data folder means to whoever started us.
ExitCode code_of(const Error& error) {
  const bool disk = error.code == Errc::full || error.code == Errc::unavailable;
  return disk ? ExitCode::io : ExitCode::data_unusable;
}

ExitCode data_unusable(const Error& error, ExitCode code) {
  log::error("data_unusable", {{"error", error.message}});
  return code;
}

ExitCode users_unusable(const Error& error) {
  log::error("users_unusable", {{"error", error.message}});
  return code_of(error);
}

ExitCode certificate_unusable(const Error& error) {
  log::error("certificate_unusable", {{"error", error.message}});
  return error.code == Errc::bad_config ? ExitCode::config : ExitCode::io;
}

ExitCode port_unusable(const Error& error) {
  log::error("port_unusable", {{"error", error.message}});
  return error.code == Errc::bad_config ? ExitCode::config : ExitCode::port_unusable;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == ':';
  });
}

std::string program_folder() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  const std::string_view program{path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  return std::string{program.substr(0, program.rfind('/') + 1)};
}

}  // namespace

std::string pages_folder(const WebSettings& web) {
  return web.pages.empty() ? program_folder() + "../share/davy/web" : web.pages;
}

Result<TlsIdentity> web_identity(const HostConfig& config, const DataFolder& data, WallTime now) {
  if (!config.web.certificate.empty()) return load_identity(config.web.certificate, config.web.key);
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  std::array<char, HOST_NAME_MAX + 1> host{};
  if (gethostname(host.data(), host.size() - 1) == 0) names.emplace_back(host.data());
  names.push_back(config.web.address);
  std::erase_if(names, [](const std::string& name) { return !is_plain_name(name); });
  return self_signed_identity(data.path, names, now);
}

HostApp::HostApp(const HostConfig& config, MakeLink make_link)
    : config_{config}, make_link_{std::move(make_link)} {}

Status HostApp::open_web() {
  auto page = PageFiles::load(pages_folder(config_.web));
  if (!page) log::warn("page_missing", {{"error", page.error().message}, {"advice", "set web.pages"}});
  auto users = UserStore::open(data_.users());
  if (!users) return fail(users.error());
  auto web = ApiServer::make(
      {.web = config_.web,
       .mine = config_.mine,
       .version = DAVY_VERSION,
       .identity = identity_,
       .page = page ? std::move(*page) : PageFiles{}},
      std::move(*users),
      [path = data_.history()]() -> Result<std::unique_ptr<HistoryReader>> {
        auto reader = SqliteHistoryReader::open({.path = path});
        if (!reader) return fail(reader.error());
        return std::move(*reader);
      },
      clock_);
  if (!web) return fail(web.error());
  web_ = std::move(*web);
  return {};
}

Status HostApp::open_core() {
  const auto wake = [this] { loop_.wake(); };
  link_ = make_link_(wake);
  auto core = HostCore::open(config_, {.path = data_.history()}, *link_, *web_, read(clock_), wake);
  if (!core) return fail(core.error());
  core_ = std::move(*core);
  return {};
}

// Only after the core has its lock: nobody else makes one at the same time.
Status HostApp::make_first_admin() {
  auto users = UserStore::open(data_.users());
  if (!users) return fail(users.error());
  const auto password = users->make_first_admin(clock_.wall());
  if (!password) return fail(password.error());
  if (!*password) return {};
  std::cout << "First start: sign in as admin with the one-time password " << **password
            << "\nIt is not shown again and has to be changed at the first sign-in.\n"
            << std::flush;
  return {};
}

ExitCode HostApp::start() {
  auto folder = open_data_folder(config_.data);
  if (!folder) return data_unusable(folder.error(), ExitCode::data_unusable);
  data_ = std::move(*folder);
  auto identity = web_identity(config_, data_, clock_.wall());
  if (!identity) return certificate_unusable(identity.error());
  identity_ = std::move(*identity);
  if (auto opened = open_web(); !opened) return users_unusable(opened.error());
  if (auto opened = open_core(); !opened) return data_unusable(opened.error(), code_of(opened.error()));
  if (auto made = make_first_admin(); !made) return users_unusable(made.error());
  HostCore* const core = core_.get();
  const auto started =
      web_->start({[core](AcknowledgeRequest request) { return core->acknowledge(std::move(request)); },
                   [core](FanKeyRequest request) { return core->use_fan_key(std::move(request)); }});
  if (!started) return port_unusable(started.error());
  return ExitCode::ok;
}

ExitCode HostApp::run() {
  log::info("started", {{"version", DAVY_VERSION}, {"mine", config_.mine}, {"data", config_.data}});
  if (geteuid() == 0) log::warn("runs_as_root");
  if (const ExitCode code = start(); code != ExitCode::ok) return code;
  const std::string address = config_.web.address.find(':') == std::string::npos
                                  ? config_.web.address
                                  : "[" + config_.web.address + "]";
  log::info("ready", {{"page", "https://" + address + ":" + std::to_string(web_->port()) + "/"},
                      {"certificate", identity_.made ? "made" : "there"},
                      {"sha256", identity_.fingerprint}});
  notify_.ready();
  const int signal = go_on();
  log::info("stopping", {{"signal", signal}});
  notify_.stopping();
  web_->stop();
  core_->stop(read(clock_));
  core_.reset();
  web_.reset();
  log::info("stopped");
  return ExitCode::ok;
}

int HostApp::go_on() {
  for (;;) {
    core_->step(read(clock_));
    const SteadyTime now = clock_.steady();
    tell_service_manager(now);
    if (const auto signal = loop_.wait_until(std::min(core_->next_due(), now + turn_max))) return *signal;
  }
}

// The core has just made a turn; the web's thread has to have made one too.
void HostApp::tell_service_manager(SteadyTime now) {
  if (!notify_.watchdog() || now < alive_due_) return;
  alive_due_ = now + *notify_.watchdog() / 4;
  if (now - web_->alive_at() > web_silent_max) return log::error("web_stuck");
  notify_.alive();
}

}  // namespace davy
