#include "firmware/app/bus_thread.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace davy {

BusThread::BusThread(std::unique_ptr<BusScanner> scanner, std::unique_ptr<OutputGroup> outputs,
                     const Clock& clock, std::function<void()> finished)
    : scanner_{std::move(scanner)},
      outputs_{std::move(outputs)},
      clock_{clock},
      finished_{std::move(finished)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void BusThread::wake() {
  const std::lock_guard lock{mutex_};
  woken_ = true;
  due_.notify_one();
}

void BusThread::run(const std::stop_token& stop) {
  // Shown by ps and top; the kernel takes 15 characters.
  pthread_setname_np(pthread_self(), scanner_->settings().name.substr(0, 15).c_str());
  while (!stop.stop_requested()) {
    const SteadyTime output_due = outputs_ ? outputs_->step(clock_.steady()) : never;
    const SteadyTime due = std::min(output_due, scanner_->step(read(clock_)));
    std::unique_lock lock{mutex_};
    const auto woken = [this] { return std::exchange(woken_, false); };
    if (due == never) {
      due_.wait(lock, stop, woken);
    } else {
      due_.wait_until(lock, stop, due, woken);
    }
  }
  if (outputs_) outputs_->step(clock_.steady());  // what the locks leave them in
  is_finished_.store(true);
  finished_();
}

}  // namespace davy
