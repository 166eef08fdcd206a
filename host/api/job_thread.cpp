#include "host/api/job_thread.hpp"

#include <utility>

namespace davy {

JobThread::JobThread(std::size_t waiting_max) : waiting_max_{waiting_max}, thread_{[this] { run(); }} {}

JobThread::~JobThread() {
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
  }
  there_.notify_one();
  thread_.join();
}

bool JobThread::post(std::function<void()> job) {
  {
    const std::lock_guard lock{mutex_};
    if (over_ || jobs_.size() >= waiting_max_) return false;
    jobs_.push_back(std::move(job));
  }
  there_.notify_one();
  return true;
}

void JobThread::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    there_.wait(lock, [this] { return over_ || !jobs_.empty(); });
    if (over_) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;  // what it holds is let go before the lock: its end may post again
    lock.lock();
  }
}

}  // namespace davy
