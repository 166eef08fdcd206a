#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proto/base/inbox.hpp"
#include "proto/link/mqtt_link.hpp"

namespace davy {

// Where the threads of one connection leave what happened, for the one thread that polls. Bounded in number
// and in bytes. The end of the connection has a place of its own, so that it always arrives, and arrives
// last.
class LinkMailbox {
 public:
  LinkMailbox(std::size_t events_max, std::size_t bytes_max, std::function<void()> wake)
      : events_{events_max, wake}, bytes_max_{bytes_max}, wake_{std::move(wake)} {}

  // Any thread. What comes after the end is forgotten; what does not fit is the end.
  void deliver(LinkEvent event) {
    if (ended_) return;
    const std::size_t size = size_of(event);
    const std::size_t waiting = bytes_.fetch_add(size);
    const bool fits = waiting == 0 || waiting + size <= bytes_max_;
    if (!fits || !events_.push(std::move(event)))
      end("more messages came than were worked off: reconnecting");
  }

  // Any thread. The first reason counts.
  void end(std::string reason) {
    const std::lock_guard lock{mutex_};
    if (ended_ || closed_) return;
    reason_ = std::move(reason);
    ended_ = true;
    // Under the lock: after close() nobody calls `wake` any more.
    if (wake_) wake_();
  }

  // The polling thread. True: the connection has ended, and the last event says why.
  bool drain(std::vector<LinkEvent>& out) {
    // The order matters: what was there before the end is taken after looking for it.
    const bool ended = ended_;
    events_.drain(out);
    for (const LinkEvent& event : out) bytes_ -= size_of(event);
    if (!ended) return false;
    const std::lock_guard lock{mutex_};
    out.emplace_back(LinkDown{reason_});
    return true;
  }

  // The owner is going away.
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }

 private:
  static std::size_t size_of(const LinkEvent& event) {
    const auto* message = std::get_if<LinkMessage>(&event);
    return message == nullptr ? 0 : message->topic.size() + message->payload.size();
  }

  Inbox<LinkEvent> events_;
  const std::size_t bytes_max_;
  const std::function<void()> wake_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  bool closed_ = false;
  std::string reason_;
};

}  // namespace davy
