#include "host/core/key_requests.hpp"

#include <algorithm>
#include <utility>

#include "proto/wire/hash.hpp"

namespace davy {

void KeyRequests::step(const Send& send, Now now) {
  asked_.drain(taken_);
  for (FanKeyRequest& request : taken_) {
    const Command command{.id = to_text(random_uuid()),
                          .issued_at = now.wall,
                          .expires_at = now.wall + valid,
                          .operator_name = request.user,
                          .reason = request.reason,
                          .kind = CommandKind::fan_key,
                          .lock = request.lock,
                          .give_back = request.give_back};
    if (const Status sent = send(request.gateway, command); !sent) {
      request.done(fail(sent.error()));
      continue;
    }
    waiting_.push_back({command.id, std::move(request), now.steady + answer_wait});
  }
  std::erase_if(waiting_, [&](const Waiting& one) {
    if (now.steady < one.until) return false;
    give_up(one, "has not answered");
    return true;
  });
}

void KeyRequests::on_reply(const std::string& gateway, const Reply& reply) {
  const auto asked = std::ranges::find_if(waiting_, [&](const Waiting& one) {
    return one.id == reply.id && one.request.gateway == gateway;  // nobody answers for another gateway
  });
  if (asked == waiting_.end()) return;
  asked->request.done(KeyAnswer{reply.outcome == Outcome::done, reply.message});
  waiting_.erase(asked);
}

void KeyRequests::stop() {
  for (const Waiting& one : std::exchange(waiting_, {}))
    give_up(one, "has not answered before the host ended");
}

void KeyRequests::give_up(const Waiting& one, const std::string& why) {
  one.request.done(fail(Errc::unavailable, "gateway " + one.request.gateway + " " + why +
                                               ": whether the key opened the lock its events will tell"));
}

SteadyTime KeyRequests::next_due(SteadyTime now) const {
  if (asked_.size() > 0) return now;
  SteadyTime due = never;
  for (const Waiting& one : waiting_) due = std::min(due, one.until);
  return due;
}

}  // namespace davy
