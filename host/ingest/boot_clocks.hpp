#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/history/batch.hpp"
#include "proto/base/clock.hpp"
#include "proto/model/block.hpp"

namespace davy {

// What one gateway's clocks are worth, boot by boot. A state message carries the gateway's steady time of its
// sending; the host's time of its receipt is later by the way it took, never earlier. So the smallest
// difference over a window is the best estimate of true time minus steady time, and with it every steady
// stamp of that boot gets a true time, whatever the gateway's wall clock says. The window is short because
// the two oscillators drift apart.
class BootClocks {
 public:
  static constexpr Duration window{60000};
  static constexpr std::size_t boots_max = 16;

  void restore(const ClockRow& row);

  // A live state message of this boot. The host's wall clock is the true time.
  void heard(std::uint64_t boot, SteadyTime gateway, Now host);
  // Nothing when no live state of that boot was ever heard.
  std::optional<Duration> wall_minus_steady(std::uint64_t boot) const;

  // The estimate of the boot heard last, when it has changed enough to be kept over a restart.
  std::optional<ClockRow> take_row(GatewayId gateway, WallTime now);

 private:
  struct Boot {
    std::uint64_t number = 0;
    Duration wall_minus_steady{0};
    Duration smallest{0};         // host steady minus gateway steady, in this window
    Duration smallest_before{0};  // and in the one before
    SteadyTime window_end = SteadyTime::min();
    WallTime heard;
    std::optional<Duration> kept;  // as last handed out for keeping
  };
  Boot* find(std::uint64_t number);

  std::vector<Boot> boots_;  // the one heard last is the last
};

// What has to be taken off the times of a block, and how sure that is.
struct BlockTime {
  Duration error{0};
  ClockMark mark = ClockMark::ok;
};

// Pure. `newest` is the time of the block's youngest entry. A gateway clock that is off by no more than
// `error_max` keeps its times; beyond that the estimate replaces them. Without an estimate a clock that its
// gateway trusts is believed, except that nothing can have happened after it was received.
BlockTime judge_time(const BlockHeader& header, WallTime newest, std::optional<Duration> wall_minus_steady,
                     Duration error_max, WallTime received);

}  // namespace davy
