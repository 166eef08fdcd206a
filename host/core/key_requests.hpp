#pragma once

#include <functional>
#include <string>
#include <vector>

#include "host/core/host_core.hpp"
#include "proto/base/inbox.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// Fan keys on their way to a gateway and back: what people ask for goes out as commands, replies find who
// asked. Knows no broker; on the core's thread, but for ask().
class KeyRequests {
 public:
  static constexpr std::size_t asked_max = 64;
  // A command that has waited longer is not carried out by the gateway.
  static constexpr Duration valid{15'000};
  // How long a person waits: the gateway may act until the last moment and its answer has to come up.
  static constexpr Duration answer_wait{20'000};

  // Publishes a command; the failure is told to who asked.
  using Send = std::function<Status(const std::string& gateway, const Command& command)>;

  explicit KeyRequests(std::function<void()> wake) : asked_{asked_max, std::move(wake)} {}

  [[nodiscard]] bool ask(FanKeyRequest request) { return asked_.push(std::move(request)); }  // any thread

  void step(const Send& send, Now now);
  void on_reply(const std::string& gateway, const Reply& reply);
  // Nobody will hear of an answer any more.
  void stop();
  SteadyTime next_due(SteadyTime now) const;

 private:
  struct Waiting {
    std::string id;
    FanKeyRequest request;
    SteadyTime until;
  };
  void give_up(const Waiting& one, const std::string& why);

  Inbox<FanKeyRequest> asked_;
  std::vector<FanKeyRequest> taken_;
  std::vector<Waiting> waiting_;
};

}  // namespace davy
