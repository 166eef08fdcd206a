#include "firmware/app/output_group.hpp"

#include <algorithm>
#include <utility>

namespace davy {

void OutputGroup::add(std::size_t output, std::unique_ptr<OutputPort> port, Duration check_every) {
  OutputPort& used = *port;
  members_.push_back({output, std::move(port), OutputDrive{used, check_every}});
}

SteadyTime OutputGroup::step(SteadyTime now) {
  SteadyTime due = never;
  for (Member& member : members_) {
    const std::optional<bool> wanted = board_.wanted(member.output);
    if (!wanted) continue;  // the locks have not spoken yet; they wake us when they have
    if (member.drive.step(*wanted, now)) board_.report(member.output, member.drive.report());
    due = std::min(due, member.drive.next_due());
  }
  return due;
}

}  // namespace davy
