#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "host/api/api_server.hpp"
#include "host/app/core_loop.hpp"
#include "host/app/data_folder.hpp"
#include "host/app/exit_code.hpp"
#include "host/core/host_core.hpp"
#include "proto/base/service_notify.hpp"
#include "proto/base/system_clock.hpp"
#include "proto/link/mqtt_link.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {

using MakeLink = std::function<std::unique_ptr<MqttLink>(std::function<void()> wake)>;

// The surface daemon at work: the core on this thread, the web on its own. The order of the members is the
// way of the data, against which they are taken down.
class HostApp {
 public:
  HostApp(const HostConfig& config, MakeLink make_link);

  // Returns when it has been told to stop, with everything stored; at once when it cannot start.
  ExitCode run();

 private:
  Status open_web();
  Status open_core();
  Status make_first_admin();
  ExitCode start();
  int go_on();
  void tell_service_manager(SteadyTime now);

  const HostConfig& config_;
  const MakeLink make_link_;
  SystemClock clock_;
  CoreLoop loop_{clock_};  // before any thread: it takes the signals
  ServiceNotify notify_ = ServiceNotify::from_environment();
  DataFolder data_;
  TlsIdentity identity_;
  std::unique_ptr<ApiServer> web_;
  std::unique_ptr<MqttLink> link_;
  std::unique_ptr<HostCore> core_;
  SteadyTime alive_due_;
};

// The configured certificate, or one of our own.
Result<TlsIdentity> web_identity(const HostConfig& config, const DataFolder& data, WallTime now);
// The folder of the built page: configured, or beside the program where `cmake --install` puts it.
std::string pages_folder(const WebSettings& web);

}  // namespace davy
