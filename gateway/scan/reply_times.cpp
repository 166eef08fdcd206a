#include "gateway/scan/reply_times.hpp"

#include <algorithm>

namespace davy {
namespace {

using std::chrono::microseconds;

constexpr std::uint32_t window = 64;
constexpr int average_over = 16;

}  // namespace

void ReplyTimes::add(microseconds turnaround) {
  std::size_t bucket = 0;
  for (microseconds top{1000}; turnaround >= top && bucket + 1 < histogram_.size(); top *= 2) ++bucket;
  histogram_[bucket] += 1;
  typical_ = learnt_ == 0 ? turnaround : typical_ + (turnaround - typical_) / average_over;
  longest_ = std::max(longest_, turnaround);
  if (++in_window_ == window) {
    before_ = longest_;
    longest_ = microseconds{0};
    in_window_ = 0;
  }
  trusted_ = std::min(trusted_ + 1, replies_to_learn);
  learnt_ = std::min(learnt_ + 1, replies_to_learn);
}

Duration ReplyTimes::usual_timeout(Duration configured) const {
  if (!is_known()) return configured;
  const Duration wanted = std::chrono::ceil<Duration>(2 * longest()) + reply_timeout_margin;
  return std::min(std::max(wanted, reply_timeout_min), configured);
}

Duration ReplyTimes::timeout(Duration configured) const {
  return trusted_ >= replies_to_learn ? usual_timeout(configured) : configured;
}

}  // namespace davy
