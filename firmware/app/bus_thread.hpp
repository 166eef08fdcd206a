#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "firmware/app/output_group.hpp"
#include "gateway/scan/bus_scanner.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// Runs one bus's scanner on a thread of its own: step, then wait until it is due, woken or told to stop. A
// read that is under way is not interrupted; the thread ends when it returns. Outputs that hang on the bus go
// before the next read, and once more at the end.
class BusThread {
 public:
  // `finished` is called on the bus's thread as its last act, and must only post or signal.
  BusThread(std::unique_ptr<BusScanner> scanner, std::unique_ptr<OutputGroup> outputs, const Clock& clock,
            std::function<void()> finished);
  ~BusThread() = default;  // waits for the end of the thread
  BusThread(const BusThread&) = delete;
  BusThread& operator=(const BusThread&) = delete;

  void request_stop() { thread_.request_stop(); }
  void wake();  // an output has a new command
  bool is_finished() const { return is_finished_.load(); }
  // The counters are the thread's own: only when it is finished.
  const BusScanner& scanner() const { return *scanner_; }

 private:
  void run(const std::stop_token& stop);

  std::unique_ptr<BusScanner> scanner_;
  std::unique_ptr<OutputGroup> outputs_;  // none: no lock has an output here
  const Clock& clock_;
  std::function<void()> finished_;
  std::atomic<bool> is_finished_ = false;
  std::mutex mutex_;
  std::condition_variable_any due_;
  bool woken_ = false;
  std::jthread thread_;  // last: everything above is there when it starts
};

}  // namespace davy
