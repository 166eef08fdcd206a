#include "firmware/app/lock_board.hpp"

namespace davy {

LockBoard::LockBoard(std::size_t points, std::size_t outputs)
    : inputs_(points), reports_(outputs), wanted_(outputs) {}

void LockBoard::on_samples(std::span<const Sample> samples, SteadyTime at) {
  const std::lock_guard lock{mutex_};
  for (const Sample& sample : samples)
    inputs_[static_cast<std::size_t>(sample.point)] = {sample.value, sample.quality, at};
  ++news_count_;
  news_.notify_one();
}

void LockBoard::report(std::size_t output, const OutputReport& report) {
  const std::lock_guard lock{mutex_};
  reports_[output] = report;
  ++news_count_;
  news_.notify_one();
}

void LockBoard::wake() {
  const std::lock_guard lock{mutex_};
  ++news_count_;
  news_.notify_one();
}

std::optional<bool> LockBoard::wanted(std::size_t output) const {
  const std::lock_guard lock{mutex_};
  return wanted_[output];
}

void LockBoard::read(std::vector<InputReading>& inputs, std::vector<OutputReport>& reports) {
  const std::lock_guard lock{mutex_};
  inputs = inputs_;
  reports = reports_;
  read_count_ = news_count_;
}

bool LockBoard::command(std::size_t output, bool on) {
  const std::lock_guard lock{mutex_};
  const bool is_new = wanted_[output] != on;
  wanted_[output] = on;
  return is_new;
}

void LockBoard::judged() {
  const std::lock_guard lock{mutex_};
  judged_count_ = read_count_;
  judgement_.notify_all();
}

void LockBoard::await_judgement(Duration longest) {
  std::unique_lock lock{mutex_};
  const std::uint64_t wanted = news_count_;
  judgement_.wait_for(lock, longest, [&] { return judged_count_ >= wanted; });
}

void LockBoard::wait(const std::stop_token& stop, SteadyTime due) {
  std::unique_lock lock{mutex_};
  news_.wait_until(lock, stop, due, [this] { return news_count_ != read_count_; });
}

}  // namespace davy
