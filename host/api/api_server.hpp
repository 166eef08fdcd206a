#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/api/history_routes.hpp"
#include "host/api/page_files.hpp"
#include "host/api/router.hpp"
#include "host/api/tls_identity.hpp"
#include "host/api/user_store.hpp"
#include "host/core/host_view.hpp"
#include "proto/wire/host_config.hpp"

namespace davy {

// The host's web: HTTPS and WebSocket as docs/api/api.md says, on a thread of its own. Is told by the core
// what happened (HostListener, on the core's thread, returns at once) and keeps a copy from which every
// question about the present is answered, so that no page ever waits for the core or the core for a page.
class ApiServer : public HostListener {
 public:
  struct Settings {
    WebSettings web;
    std::string mine;
    std::string version;
    TlsIdentity identity;
    PageFiles page;
  };

  // Errors: bad_config (the certificate cannot be used). `clock` outlives the server; the core that is given
  // it as its listener, and that takes the acknowledgements, is stopped before it ends.
  static Result<std::unique_ptr<ApiServer>> make(Settings settings, UserStore users, OpenHistory history,
                                                 const Clock& clock);

  // Takes the port and answers from now on; what the core told before is there already. Errors: conflict (the
  // port is in use), denied (not allowed to use it), bad_config (this machine has no such address).
  virtual Status start(CoreDoors core) = 0;
  virtual std::uint16_t port() const = 0;  // the real one when the settings say 0
  // Answers nobody any more and takes no acknowledgement; what is told from now on is told to nobody. The
  // core may then be stopped and taken down, and after it the server.
  virtual void stop() = 0;
  // When its thread last turned: a few hundred milliseconds ago when all is well. Any thread.
  virtual SteadyTime alive_at() const = 0;
};

}  // namespace davy
