#include "drivers/api/blocking_channel.hpp"

#include <utility>

namespace davy {

void BlockingChannel::step(SteadyTime /*now*/, ReplySink& sink) {
  if (!asked_) return;
  const Asked asked = *std::exchange(asked_, std::nullopt);
  if (const auto* write = std::get_if<RegisterWrite>(&asked.request))
    return sink.on_reply(asked.ticket, bus_.write(*write), {});
  const auto& read = std::get<RegisterRead>(asked.request);
  const auto out = std::span{registers_}.first(read.count);
  const BusReply reply = bus_.read(read, out);
  sink.on_reply(asked.ticket, reply, reply.ok() ? out : out.first(0));
}

}  // namespace davy
