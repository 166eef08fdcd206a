#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace davy {

// One thread that does what it is given, in order: what would keep others waiting (a long trend, a password
// hash).
class JobThread {
 public:
  explicit JobThread(std::size_t waiting_max);
  ~JobThread();  // finishes the job at hand and drops the rest

  // Any thread; false when too many are waiting.
  [[nodiscard]] bool post(std::function<void()> job);

 private:
  void run();

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable there_;
  std::deque<std::function<void()>> jobs_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace davy
