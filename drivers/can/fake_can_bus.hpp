#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "drivers/can/can_bus.hpp"

namespace davy {

// The fake beside CanBus: what a test puts in comes out, and what is sent is kept.
class FakeCanBus final : public CanBus {
 public:
  // Gets what was sent and may put answers in.
  using Answer = std::function<void(const CanFrame& frame)>;

  void put(const CanFrame& frame, Now arrived) {
    if (condition_ < CanCondition::bus_off) waiting_.push_back({frame, arrived});
  }
  void set(CanCondition condition) { condition_ = condition; }
  void serve(Answer answer) { answer_ = std::move(answer); }

  CanReport read(std::span<CanArrival> out, Duration) override {
    CanReport report{.condition = condition_, .worst = condition_};
    if (!report.hears()) report.message = "fake bus: " + std::string{to_string(condition_)};
    while (report.frames < out.size() && !waiting_.empty()) {
      out[report.frames++] = waiting_.front();
      waiting_.pop_front();
    }
    counters_.received += report.frames;
    return report;
  }
  Status send(const CanFrame& frame) override {
    if (condition_ >= CanCondition::bus_off) return fail(Errc::disconnected, "fake bus: cannot send");
    ++counters_.sent;
    sent.push_back(frame);
    if (answer_) answer_(frame);
    return {};
  }
  const CanCounters& counters() const override { return counters_; }

  std::vector<CanFrame> sent;

 private:
  std::deque<CanArrival> waiting_;
  CanCondition condition_ = CanCondition::active;
  CanCounters counters_;
  Answer answer_;
};

}  // namespace davy
