#include "drivers/api/blocking_channel.hpp"

#include <utility>

namespace davy {

void BlockingChannel::step(SteadyTime /*now*/, ReplySink& sink) {
  if (!asked_) return;
  const Asked asked = *std::exchange(asked_, std::nullopt);
  const auto out = std::span{registers_}.first(asked.request.count);
  const BusReply reply = bus_.read(asked.request, out);
  sink.on_reply(asked.ticket, reply, reply.ok() ? out : out.first(0));
}

}  // namespace davy
