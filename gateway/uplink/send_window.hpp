#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "proto/base/clock.hpp"
#include "proto/model/range_set.hpp"

namespace davy {

// Which block goes next, and which wait for the host's word. Numbers only; knows no bytes and no link.
//
//   again    what was sent and not acked in time, oldest first
//   live     what was appended since the link came up, at once
//   backlog  what was there before, oldest first, at a bounded rate, in what the live lane leaves of the
//   window
//
// A block that the host has not taken after many times is set aside and tried now and then: it must not hold
// up the rest. When nothing at all is acked for ack_wait the host is taken to be away: then only the newest
// block that it has not is sent, ever more rarely, until any word of the host comes.
class SendWindow {
 public:
  struct Settings {
    std::uint32_t blocks_max = 32;
    std::uint32_t backlog_per_s = 500;
    Duration ack_wait{30'000};
  };
  static constexpr int stubborn_after = 5;  // sent so often: set aside
  static constexpr Duration stubborn_wait{600'000};
  static constexpr Duration probe_wait_max{300'000};

  explicit SendWindow(const Settings& settings) : settings_{settings} {}

  // The link came up. [oldest, next) are in the spool; the newest goes first.
  void restart(std::uint64_t oldest, std::uint64_t next, SteadyTime now);
  // Blocks up to next-1 are in the spool.
  void set_next(std::uint64_t next) { next_ = next; }

  // The block to send now; nothing: wait until next_due(). The caller sends it and says sent(), or gone()
  // when the spool does not have it.
  std::optional<std::uint64_t> take(SteadyTime now);
  void sent(std::uint64_t seq, SteadyTime now);
  void gone(std::uint64_t seq);

  // The host spoke; `ranges` are in its history. A word after a long silence sends everything under way
  // again.
  void on_ack(const std::vector<Range>& ranges, SteadyTime now);
  // What is under way was refused for now (an unknown birth) or went to a host that was away: it becomes
  // backlog, and the newest block goes first, as after a restart.
  void send_again(SteadyTime now);

  SteadyTime next_due(SteadyTime now) const;
  std::size_t in_flight() const { return flights_.size(); }
  bool host_away() const { return probing_; }
  std::uint64_t resent() const { return resent_; }

 private:
  struct Flight {
    SteadyTime again_at;
    int times = 0;
  };

  void look_for_silence(SteadyTime now);
  void refill(SteadyTime now);
  void expire(SteadyTime now);
  std::size_t live_reserve() const { return settings_.blocks_max / 4 + 1; }
  bool waits(std::uint64_t seq) const;  // in flight, to be sent again, or set aside

  const Settings settings_;
  std::uint64_t next_ = 1;
  std::uint64_t live_ = 1;              // next of the live lane
  std::uint64_t backlog_ = 1;           // next of the backlog lane
  std::uint64_t backlog_end_ = 1;       // where the live lane began
  std::optional<std::uint64_t> first_;  // the newest block at restart, before everything else
  std::map<std::uint64_t, Flight> flights_;
  std::map<std::uint64_t, int> again_;            // with the times it was sent
  std::map<std::uint64_t, SteadyTime> stubborn_;  // set aside until then
  RangeSet acked_;                                // since restart: the lanes skip them
  bool probing_ = false;                          // only while something is in flight
  Duration probe_wait_{};
  SteadyTime probe_at_{};
  SteadyTime last_word_{};  // of the host, or the restart
  double tokens_ = 0;       // backlog blocks that may go now
  SteadyTime tokens_at_{};
  std::uint64_t resent_ = 0;
};

}  // namespace davy
