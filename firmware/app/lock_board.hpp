#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "gateway/interlock/output_watch.hpp"
#include "gateway/scan/sample_tap.hpp"

namespace davy {

// Where the bus threads and the lock thread meet: the newest reading of every point, what every output
// should do, and what it reported last. Holds no queue, so a slow reader misses nothing but what is old.
// Any thread.
class LockBoard final : public SampleTap {
 public:
  LockBoard(std::size_t points, std::size_t outputs);

  // Bus threads.
  void on_samples(std::span<const Sample> samples, SteadyTime at) override;
  void report(std::size_t output, const OutputReport& report);
  // Until the locks have judged everything that has come in so far, but no longer than this: a bus that goes
  // on to its next device at once may be busy with a dead one just when the cut is commanded.
  void await_judgement(Duration longest);
  // Nothing before the locks have decided for the first time.
  std::optional<bool> wanted(std::size_t output) const;

  // The lock thread.
  void read(std::vector<InputReading>& inputs, std::vector<OutputReport>& reports);
  // True when it is another command than before.
  bool command(std::size_t output, bool on);
  void judged();  // what the last read() brought
  // Any thread: ends the wait, now or the next time.
  void wake();
  // Until something has come in since the last read(), `due`, or the stop.
  void wait(const std::stop_token& stop, SteadyTime due);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any news_;
  std::condition_variable judgement_;
  std::uint64_t news_count_ = 0;
  std::uint64_t read_count_ = 0;
  std::uint64_t judged_count_ = 0;
  std::vector<InputReading> inputs_;
  std::vector<OutputReport> reports_;
  std::vector<std::optional<bool>> wanted_;
};

}  // namespace davy
