#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/api/accounts.hpp"
#include "host/api/history_routes.hpp"
#include "host/api/http_message.hpp"
#include "host/api/mirror.hpp"
#include "host/api/page_files.hpp"
#include "host/core/host_core.hpp"

namespace davy {

// Hands an acknowledgement to the core; false when too many are waiting (HostCore::acknowledge).
using Acknowledge = std::function<bool(AcknowledgeRequest)>;
// The same for a fan key (HostCore::use_fan_key).
using UseFanKey = std::function<bool(FanKeyRequest)>;
// What the core does for people.
struct CoreDoors {
  Acknowledge acknowledge;
  UseFanKey use_fan_key;
};
// Calls back on the io thread after a while.
using Later = std::function<void(Duration, std::function<void()>)>;

// From a request to its answer: who may ask what. On the io thread.
class Router {
 public:
  struct Parts {
    Accounts& accounts;
    HistoryRoutes& history;
    const Mirror& mirror;
    const PageFiles& page;
    const Clock& clock;
    std::string version;
    SteadyTime started;
    ToIo to_io;
    Later later;
  };
  explicit Router(Parts parts) : parts_{std::move(parts)} {}

  void set_core(CoreDoors core) { core_ = std::move(core); }

  void answer(const HttpRequest& request, const Reply& reply);
  // May this request become a live connection? The refusal, or nothing and the hash of its session.
  std::optional<HttpResponse> refuse_live(const HttpRequest& request, std::string& session_hash) const;

  static constexpr std::string_view api = "/api/v1/";
  static constexpr std::string_view live = "/api/v1/live";

 private:
  void answer_api(std::string_view path, const HttpRequest& request, const Reply& reply);
  void answer_get(std::string_view path, const HttpRequest& request, const Reply& reply);
  void answer_post(std::string_view path, const HttpRequest& request, const Session& session,
                   const Reply& reply);
  void acknowledge(std::string_view occurrence, const HttpRequest& request, const Session& session,
                   const Reply& reply);
  void acknowledged(const Result<Alarm>& result, const std::string& occurrence, std::uint64_t seq, int tries,
                    const Reply& reply);
  void use_fan_key(std::string_view gateway, const HttpRequest& request, const Session& session,
                   const Reply& reply);
  HttpResponse health() const;

  Parts parts_;
  CoreDoors core_;
};

}  // namespace davy
