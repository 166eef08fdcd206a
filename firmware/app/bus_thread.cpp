#include "firmware/app/bus_thread.hpp"

#include <utility>

#include <pthread.h>

namespace davy {

BusThread::BusThread(std::unique_ptr<BusScanner> scanner, const Clock& clock, std::function<void()> finished)
    : scanner_{std::move(scanner)},
      clock_{clock},
      finished_{std::move(finished)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void BusThread::run(const std::stop_token& stop) {
  // Shown by ps and top; the kernel takes 15 characters.
  pthread_setname_np(pthread_self(), scanner_->settings().name.substr(0, 15).c_str());
  while (!stop.stop_requested()) {
    const SteadyTime due = scanner_->step(read(clock_));
    std::unique_lock lock{mutex_};
    // Nothing but a stop wakes it early.
    if (due == never) {
      due_.wait(lock, stop, [] { return false; });
    } else {
      due_.wait_until(lock, stop, due, [] { return false; });
    }
  }
  is_finished_.store(true);
  finished_();
}

}  // namespace davy
