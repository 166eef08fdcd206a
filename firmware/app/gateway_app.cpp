#include "firmware/app/gateway_app.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include <boost/asio/post.hpp>
#include <malloc.h>
#include <unistd.h>

#include "firmware/app/bus_factory.hpp"
#include "firmware/app/clock_sync.hpp"
#include "proto/base/log.hpp"
#include "proto/wire/hash.hpp"

namespace davy {
namespace {

// Batches that may wait for the main loop: ten seconds of a disk that does not answer, and this many at
// least.
constexpr double disk_wait_s = 10;
constexpr std::size_t inbox_batches_min = 1024;
constexpr Duration supervise_every{1000};
// The whole process stood still (stopped, a machine that slept): its bus threads did too, and get this long.
constexpr Duration standstill{5000};
constexpr Duration buses_wait_after_standstill{30'000};
// Locks that have not been judged for so long hang: a pin or a disk that does not return.
constexpr Duration locks_silent_max{10'000};
// The two parts of a clean stop; together below the 2 s that are promised.
constexpr Duration scanners_wait{700};
constexpr Duration goodbye_wait{1000};

std::uint64_t new_boot_number() {
  const Uuid random = random_uuid();
  std::uint64_t number = 0;
  std::memcpy(&number, random.data(), sizeof number);
  return number >> 11U;  // 53 bits, which every reader of JSON keeps exact
}

// One batch a round of a device, at most.
std::size_t inbox_batches_max(const GatewayConfig& config) {
  double a_second = 0;
  for (const BusSettings& bus : config.buses) {
    for (const DeviceSettings& device : bus.devices)
      a_second += 1000.0 / static_cast<double>(std::min(device.period, bus.fast_period).count());
  }
  return std::max(inbox_batches_min, static_cast<std::size_t>(disk_wait_s * a_second));
}

ExitCode exit_code_for(Errc code) {
  switch (code) {
    case Errc::conflict:
    case Errc::bad_config:
    case Errc::denied: return ExitCode::spool_unusable;
    case Errc::full:
    case Errc::corrupt:
    case Errc::unavailable:
    case Errc::bad_data:
    case Errc::timeout:
    case Errc::disconnected:
    case Errc::rejected:
    case Errc::not_found: return ExitCode::io;
  }
  return ExitCode::internal;
}

}  // namespace

GatewayApp::GatewayApp(const GatewayConfig& config, const CanPlans& plans)
    : config_{config},
      plans_{plans},
      notify_{ServiceNotify::from_environment()},
      signals_{loop_, SIGINT, SIGTERM, SIGHUP},
      timer_{loop_},
      wake_{[this] { boost::asio::post(loop_, [this] { drive(); }); }},
      inbox_{inbox_batches_max(config), wake_},
      supervise_due_{clock_.steady()},
      alive_due_{clock_.steady()} {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of that connection, not the end of us
}

GatewayApp::~GatewayApp() = default;

ExitCode GatewayApp::run() {
  if (geteuid() == 0)
    log::warn("runs_as_root", {{"advice", "run as a user of its own, as the service file does"}});
  if (const ExitCode code = open_spool(); code != ExitCode::ok) return code;
  link_ = std::make_unique<PahoLink>(wake_);
  const EdgeStart start{new_boot_number(), DAVY_VERSION, spool_replaced_};
  auto edge = Edge::create(config_, *spool_, inbox_, *link_, start, read(clock_));
  if (!edge) {
    log::error("config_unusable", {{"error", edge.error().message}});
    return ExitCode::config;
  }
  edge_ = std::move(*edge);
  await_signal();
  start_buses();
  start_locks();
  malloc_trim(0);  // a large configuration took several times its size on the way
  drive();
  loop_.run();
  log_counters();
  edge_.reset();
  spool_.reset();
  if (buses_finished() && (!locks_ || locks_over_)) return exit_code_;
  // A bus thread is still inside a device. Everything is stored; waiting for it would only make a second
  // signal needed.
  log::warn("bus_abandoned", {{"advice", "a device or its port driver did not return in time"}});
  std::_Exit(static_cast<int>(exit_code_));
}

ExitCode GatewayApp::open_spool() {
  const SpoolSettings& s = config_.spool;
  auto opened = SqliteSpool::open(
      {.path = s.path, .gateway = config_.gateway, .bytes_max = s.bytes_max, .days_max = s.days_max},
      clock_.wall());
  if (!opened) {
    log::error("spool_unusable", {{"path", s.path}, {"error", opened.error().message}});
    return exit_code_for(opened.error().code);
  }
  spool_ = std::move(opened->spool);
  spool_replaced_ = std::move(opened->replaced);
  return ExitCode::ok;
}

void GatewayApp::start_buses() {
  const InterlockSettings* locks = config_.interlock ? &*config_.interlock : nullptr;
  if (locks != nullptr) board_.emplace(config_.points.size(), locks->outputs.size());
  std::map<std::string_view, BusThread*> shared;  // of the buses that never block
  const SteadyTime now = clock_.steady();
  const auto buses = static_cast<std::int64_t>(config_.buses.size());
  for (std::uint32_t i = 0; i < config_.buses.size(); ++i) {
    const BusSettings& bus = config_.buses[i];
    const std::string_view name = shared_thread(config_, i);
    const auto known = shared.find(name);
    if (known == shared.end()) {
      threads_.push_back(
          std::make_unique<BusThread>(name.empty() ? bus.name : std::string{name}, clock_, wake_));
      if (!name.empty()) shared[name] = threads_.back().get();
    }
    BusThread& thread = known == shared.end() ? *threads_.back() : *known->second;
    SocketWatch& watch = thread.next_watch();
    BusLink link = make_link(config_, plans_, i, clock_, watch);
    BatchDesk desk{i, bus, config_.points, clock_, inbox_};
    if (board_) desk.set_tap(*board_);
    if (locks != nullptr && link.bus) thread.set_outputs(make_bus_outputs(*locks, i, *link.bus, *board_));
    // Many buses on one thread take turns, not all the same moment.
    const SteadyTime start = name.empty() ? now : now + bus.devices[0].period * i / buses;
    auto scanner = make_scanner(config_, plans_, i, link, watch, std::move(desk), clock_, start);
    thread.add(std::move(scanner), std::move(link));
  }
  for (const auto& thread : threads_) thread->start();
}

void GatewayApp::start_locks() {
  if (!board_) return;
  keys_.emplace([this] { board_->wake(); }, wake_);
  edge_->set_fan_keys(*keys_);
  locks_ = std::make_unique<LockThread>(
      config_, *board_, *keys_, make_pin_outputs(*config_.interlock, *board_), inbox_, clock_, [this] {
        for (const auto& thread : threads_) thread->wake();
      });
}

void GatewayApp::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& cancelled, int number) {
    if (cancelled) return;
    if (phase_ != Phase::running) std::_Exit(128 + number);
    begin_stop(read(clock_), std::string{"signal "} + strsignal(number), ExitCode::ok);
    await_signal();
    drive();
  });
}

// Everything that is due, then a timer for what is due next. Called by the timer and whenever something has
// come in.
void GatewayApp::drive() {
  const Now now = read(clock_);
  edge_->step(now);
  if (now.steady >= supervise_due_) supervise(now);
  if (phase_ != Phase::running) go_on_stopping(now);
  if (phase_ == Phase::over) return loop_.stop();
  timer_.expires_at(std::min({edge_->next_due(), supervise_due_, phase_ends_}));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) drive();
  });
}

void GatewayApp::supervise(Now now) {
  if (now.steady - supervise_due_ > standstill) buses_judged_from_ = now.steady + buses_wait_after_standstill;
  supervise_due_ = now.steady + supervise_every;
  edge_->set_clock_disciplined(clock_is_disciplined());
  if (phase_ != Phase::running) return;
  if (!ready_ && edge_->first_round_done()) {
    ready_ = true;
    notify_.ready();
    log::info("ready");
  }
  if (edge_->broken()) {
    return begin_stop(now, "the spool is damaged: " + edge_->broken()->message, ExitCode::temporary);
  }
  const BusSettings* bus = now.steady < buses_judged_from_ ? nullptr : edge_->stuck_bus(now.steady);
  if (bus != nullptr) {
    log::error("bus_stuck", {{"bus", bus->name}});
    return begin_stop(now, "bus " + bus->name + " hangs", ExitCode::temporary);
  }
  if (locks_ && now.steady - locks_->alive_at() > locks_silent_max && now.steady >= buses_judged_from_) {
    log::error("locks_stuck");
    return begin_stop(now, "the local locks hang", ExitCode::temporary);
  }
  if (ready_ && notify_.watchdog() && now.steady >= alive_due_) {
    alive_due_ = now.steady + *notify_.watchdog() / 3;
    notify_.alive();
  }
}

void GatewayApp::begin_stop(Now now, std::string reason, ExitCode code) {
  log::info("stopping", {{"reason", reason}});
  notify_.stopping();
  stop_reason_ = std::move(reason);
  exit_code_ = code;
  phase_ = Phase::scanners_ending;
  phase_ends_ = now.steady + scanners_wait;
  // The locks first: the buses have to bring their outputs into the state they are left in. Locks that hang
  // are not waited for.
  if (locks_ && now.steady - locks_->alive_at() <= locks_silent_max) {
    locks_->stop();
    locks_over_ = true;
  }
  for (const auto& thread : threads_) thread->request_stop();
}

void GatewayApp::go_on_stopping(Now now) {
  if (phase_ == Phase::scanners_ending && (buses_finished() || now.steady >= phase_ends_)) {
    phase_ = Phase::saying_goodbye;
    phase_ends_ = now.steady + goodbye_wait;
    edge_->stop(now, stop_reason_);
  }
  if (phase_ == Phase::saying_goodbye && (edge_->is_stopped() || now.steady >= phase_ends_))
    phase_ = Phase::over;
}

bool GatewayApp::buses_finished() const {
  return std::ranges::all_of(threads_, [](const auto& thread) { return thread->is_finished(); });
}

void GatewayApp::log_counters() const {
  for (const auto& thread : threads_) {
    if (thread->is_finished()) thread->log_counters();
  }
}

}  // namespace davy
