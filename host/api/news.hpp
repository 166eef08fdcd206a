#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "host/core/host_view.hpp"

namespace davy {

// What the core has told and the io thread has not taken yet. Values, points and gateways are conflated to
// the newest of each, so it cannot grow without bound when the io thread is busy; alarms are all kept, in
// order.
struct News {
  std::vector<Alarm> standing;
  std::optional<HostHealth> health;
  std::map<HostPointId, HostPoint> points;
  std::map<HostPointId, LatestValue> values;
  std::map<std::string, GatewayStatus> gateways;
  std::vector<JournalEntry> entries;
};

class NewsBox {
 public:
  // Changes the news under the lock; true when the box was empty before: somebody has to be told to look.
  template <typename Change>
  bool put(const Change& change) {
    const std::lock_guard lock{mutex_};
    change(news_);
    return !std::exchange(waiting_, true);
  }
  News take() {
    const std::lock_guard lock{mutex_};
    waiting_ = false;
    return std::exchange(news_, {});
  }

 private:
  std::mutex mutex_;
  News news_;
  bool waiting_ = false;
};

}  // namespace davy
