#include "firmware/app/lock_inputs.hpp"

namespace davy {

std::set<std::uint32_t> lock_inputs(const GatewayConfig& config) {
  std::set<std::uint32_t> out;
  if (!config.interlock) return out;
  for (const LockSettings& lock : config.interlock->locks) {
    for (const LockInput& input : lock.inputs) out.insert(input.point);
  }
  for (const OutputSettings& output : config.interlock->outputs) {
    for (const FeedSettings& feed : output.feeds) out.insert(feed.point);
  }
  return out;
}

}  // namespace davy
