#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "drivers/api/register_bus.hpp"
#include "drivers/can/can_plan.hpp"
#include "firmware/app/bus_thread.hpp"
#include "firmware/app/exit_code.hpp"
#include "firmware/app/lock_board.hpp"
#include "firmware/app/lock_thread.hpp"
#include "gateway/edge/edge.hpp"
#include "gateway/spool/sqlite_spool.hpp"
#include "proto/base/service_notify.hpp"
#include "proto/base/system_clock.hpp"
#include "proto/link/paho_link.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// The gateway at work: one thread a bus, one for the local power locks, one main loop for everything else.
// The order of the members is the way of a reading; they are built in it and taken down against it.
//   running --(signal, broken spool, stuck bus)--> scanners_ending --(all ended, or late)--> saying_goodbye
//   --> over
class GatewayApp {
 public:
  // Both outlive it.
  GatewayApp(const GatewayConfig& config, const CanPlans& plans);
  ~GatewayApp();
  GatewayApp(const GatewayApp&) = delete;
  GatewayApp& operator=(const GatewayApp&) = delete;

  // Returns when the gateway has been told to stop, with everything stored; at once when it cannot start.
  ExitCode run();

 private:
  enum class Phase : std::uint8_t { running, scanners_ending, saying_goodbye, over };

  ExitCode open_spool();
  void start_buses();
  void start_locks();
  void await_signal();
  void drive();
  void supervise(Now now);
  void begin_stop(Now now, std::string reason, ExitCode code);
  void go_on_stopping(Now now);
  bool buses_finished() const;
  void log_counters() const;

  const GatewayConfig& config_;
  const CanPlans& plans_;
  SystemClock clock_;
  ServiceNotify notify_;
  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer timer_;
  std::function<void()> wake_;  // any thread: drive() soon

  BatchInbox inbox_;
  std::unique_ptr<SqliteSpool> spool_;
  std::optional<std::string> spool_replaced_;
  std::unique_ptr<MqttLink> link_;
  std::unique_ptr<Edge> edge_;
  std::optional<LockBoard> board_;  // none: this gateway cuts nothing
  std::optional<KeyDesk> keys_;     // as well
  std::vector<std::unique_ptr<BusThread>> threads_;
  std::unique_ptr<LockThread> locks_;

  Phase phase_ = Phase::running;
  SteadyTime phase_ends_ = never;
  SteadyTime supervise_due_;
  SteadyTime buses_judged_from_ = SteadyTime::min();
  SteadyTime alive_due_;
  bool ready_ = false;
  bool locks_over_ = false;
  std::string stop_reason_;
  ExitCode exit_code_ = ExitCode::ok;
};

}  // namespace davy
