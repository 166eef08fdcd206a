#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace davy {

// Hands items from any thread to the one thread that drains it. Bounded: a full inbox refuses, it never
// blocks and never drops silently; whoever pushes decides what a refusal means. `wake` is called outside the
// lock after a push into an empty inbox, on the pushing thread, and must only post or signal.
template <typename T>
class Inbox {
 public:
  explicit Inbox(std::size_t capacity_max, std::function<void()> wake = {})
      : capacity_max_{capacity_max}, wake_{std::move(wake)} {}

  [[nodiscard]] bool push(T item) {
    bool first = false;
    {
      const std::lock_guard lock{mutex_};
      if (items_.size() >= capacity_max_) return false;
      first = items_.empty();
      items_.push_back(std::move(item));
    }
    if (first && wake_) wake_();
    return true;
  }

  // Everything there is, in the order it came. Reuses the memory of `out`.
  void drain(std::vector<T>& out) {
    out.clear();
    const std::lock_guard lock{mutex_};
    std::swap(out, items_);
  }

  std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return items_.size();
  }

 private:
  const std::size_t capacity_max_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::vector<T> items_;
};

}  // namespace davy
