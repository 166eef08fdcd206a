#include "gateway/uplink/key_commands.hpp"

#include <algorithm>
#include <utility>

namespace davy {

std::optional<std::string> KeyCommands::untimely(const Command& command, ClockQuality clock, Now now) {
  if (clock == ClockQuality::unset)
    return "this gateway's clock is not set: it cannot tell whether the command comes in time";
  if (command.expires_at == WallTime{} || command.expires_at - command.issued_at > valid_max)
    return "a key has to expire within 2 min of being asked for";
  if (command.issued_at - now.wall > ahead_max)
    return "it is from the future: the clocks of host and gateway differ; set them";
  return std::nullopt;
}

std::optional<Reply> KeyCommands::take(const Command& command, ClockQuality clock, Now now) {
  const auto before = std::ranges::find(taken_, command.id, &Taken::id);
  if (before != taken_.end()) return before->answer;
  const auto refuse = [&](std::string why) { return Reply{command.id, Outcome::refused, std::move(why)}; };
  if (keys_ == nullptr) return refuse("this gateway has no local locks");
  if (auto why = untimely(command, clock, now)) return refuse(std::move(*why));
  if (!keys_->ask({command.id, command.lock, command.operator_name, command.reason, command.give_back}))
    return refuse("too many keys are asked for at once; try again");
  taken_.push_back({command.id, {}});
  if (taken_.size() > remembered_max) taken_.pop_front();
  return std::nullopt;
}

void KeyCommands::take_answers(std::vector<Reply>& out) {
  out.clear();
  if (keys_ == nullptr) return;
  keys_->take_answers(out);
  for (const Reply& reply : out) {
    const auto asked = std::ranges::find(taken_, reply.id, &Taken::id);
    if (asked != taken_.end()) asked->answer = reply;
  }
}

}  // namespace davy
