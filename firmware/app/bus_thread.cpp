#include "firmware/app/bus_thread.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace davy {

BusThread::BusThread(std::string name, const Clock& clock, std::function<void()> finished)
    : name_{std::move(name)}, clock_{clock}, finished_{std::move(finished)} {}

void BusThread::add(std::unique_ptr<Scanner> scanner, BusLink link) {
  links_.push_back(std::move(link));
  scanners_.push_back(std::move(scanner));
  due_.push_back(SteadyTime::min());
}

void BusThread::start() {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

void BusThread::request_stop() {
  thread_.request_stop();
  poller_.wake();
}

void BusThread::run(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());  // the kernel takes 15 characters
  while (!stop.stop_requested()) {
    const SteadyTime output_due = outputs_ ? outputs_->step(clock_.steady()) : never;
    const SteadyTime due = std::min(output_due, step_scanners());
    if (outputs_) outputs_->await_locks();
    poller_.wait(due, clock_.steady(), [this](std::size_t scanner) { due_[scanner] = SteadyTime::min(); });
  }
  if (outputs_) outputs_->step(clock_.steady());  // what the locks leave them in
  is_finished_.store(true);
  finished_();
}

SteadyTime BusThread::step_scanners() {
  SteadyTime earliest = never;
  Now now = read(clock_);
  for (std::size_t i = 0; i < scanners_.size(); ++i) {
    if (due_[i] <= now.steady) {
      due_[i] = scanners_[i]->step(now);
      now = read(clock_);
    }
    earliest = std::min(earliest, due_[i]);
  }
  return earliest;
}

void BusThread::log_counters() const {
  for (const auto& scanner : scanners_) scanner->log_counters();
}

}  // namespace davy
