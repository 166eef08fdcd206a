#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "firmware/app/key_desk.hpp"
#include "firmware/app/lock_board.hpp"
#include "firmware/app/output_group.hpp"
#include "gateway/interlock/interlock.hpp"
#include "gateway/scan/bus_batch.hpp"
#include "proto/base/clock.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// Runs the local power locks on a thread of their own, so that neither disk nor broker nor a dead device ever
// stands between a reading and a cut. Owns the box's own output pins; outputs behind a bus are driven by that
// bus's thread, woken through `wake_buses`. Events go the way of all readings, through the inbox.
class LockThread {
 public:
  // `config.interlock` is there. The caller keeps everything alive.
  LockThread(const GatewayConfig& config, LockBoard& board, KeyDesk& keys, OutputGroup pins,
             BatchInbox& inbox, const Clock& clock, std::function<void()> wake_buses);

  // Commands the state that each output is left in when the program ends; returns when the thread is over.
  // The bus threads have to go on until they have done it.
  void stop();

  // When the locks were judged last: they are at least every judge_every.
  SteadyTime alive_at() const { return SteadyTime{Duration{alive_at_.load()}}; }
  static constexpr Duration judge_every{500};

 private:
  void run(const std::stop_token& stop);
  void judge(Interlock& locks, Now now);
  void leave(const Interlock& locks);
  void tell(const std::vector<Event>& events, Now now);
  void hand_over();

  const GatewayConfig& config_;
  LockBoard& board_;
  KeyDesk& keys_;
  OutputGroup pins_;
  BatchInbox& inbox_;
  const Clock& clock_;
  const std::function<void()> wake_buses_;
  std::vector<InputReading> inputs_;
  std::vector<OutputReport> reports_;
  std::vector<Event> events_;  // until the inbox has taken them
  std::uint64_t lost_events_ = 0;
  bool save_ = false;  // the locked fans are not on the disk yet
  SteadyTime due_;
  std::atomic<Duration::rep> alive_at_;
  std::jthread thread_;  // last: everything above is there when it starts
};

}  // namespace davy
