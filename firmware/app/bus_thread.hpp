#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "firmware/app/bus_link.hpp"
#include "firmware/app/output_group.hpp"
#include "firmware/app/socket_poller.hpp"
#include "gateway/scan/scanner.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Runs scanners on a thread of their own: step each when it is due or its socket has something for it. A
// scanner that blocks has a thread to itself. A read that is under way is not interrupted; the thread ends
// when it returns. Outputs that hang on the bus go before the next read, and once more at the end.
class BusThread {
 public:
  // `name` is what ps and top show. `finished` is called on the thread as its last act, and must only post or
  // signal.
  BusThread(std::string name, const Clock& clock, std::function<void()> finished);
  ~BusThread() = default;  // waits for the end of the thread
  BusThread(const BusThread&) = delete;
  BusThread& operator=(const BusThread&) = delete;

  // Before start(). The watch is for the sockets of the scanner that is added next.
  SocketWatch& next_watch() { return poller_.watch_of(scanners_.size()); }
  // The scanner reads through `link`.
  void add(std::unique_ptr<Scanner> scanner, BusLink link);
  void set_outputs(std::unique_ptr<OutputGroup> outputs) { outputs_ = std::move(outputs); }
  void start();

  void request_stop();
  void wake() { poller_.wake(); }  // an output has a new command
  bool is_finished() const { return is_finished_.load(); }
  void log_counters() const;  // only when it is finished: the counters are the thread's own

 private:
  void run(const std::stop_token& stop);
  SteadyTime step_scanners();

  const std::string name_;
  const Clock& clock_;
  std::function<void()> finished_;
  SocketPoller poller_;
  std::vector<BusLink>
      links_;  // what the scanners read through; they are told of their sockets by the poller
  std::vector<std::unique_ptr<Scanner>> scanners_;
  std::vector<SteadyTime> due_;           // beside scanners_
  std::unique_ptr<OutputGroup> outputs_;  // none: no lock has an output here
  std::atomic<bool> is_finished_ = false;
  std::jthread thread_;  // last: everything above is there when it starts
};

}  // namespace davy
