#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drivers/can/can_bus.hpp"
#include "drivers/can/dbc.hpp"
#include "drivers/can/message_decoder.hpp"
#include "proto/model/quality.hpp"

namespace davy {

// One signal that somebody wants, and how long it may be silent.
struct WantedSignal {
  const DbcMessage* message = nullptr;  // only looked at while the watch is made
  std::size_t signal = 0;               // its place in the message
  CanFilter filter;                     // the frames that carry the message; mostly those of its id
  Duration silence_max{0};
};

// A signal of a DBC file by name. It is silent after `periods` times the message's cycle time, or times
// `period` where the configuration gives one. The error says which name is wrong, or that no period is known.
Result<WantedSignal> want(const Dbc& dbc, std::string_view message, std::string_view signal,
                          std::optional<Duration> period, unsigned periods);

struct CanReading {
  double value = std::numeric_limits<double>::quiet_NaN();  // NaN unless has_value(validity)
  std::int64_t raw = 0;                                     // means something with a value only
  Validity validity = Validity::not_read;
  WallTime arrived;  // of the frame that carried it; not when bad_comm or not_read
};

// The latest value of every wanted signal, for as long as it may be believed. A sensor that sends by itself
// cannot be asked: its silence is the only sign that it is gone. So each signal has its own clock, which only
// a frame that carries it sets back (a multiplexed one shows its signals in turn). Silence is bad_comm, and
// so is everything at once when our controller is off the bus or the port lost; a new frame makes it good
// again.
class CanWatch {
 public:
  CanWatch(std::span<const WantedSignal> wanted, SteadyTime now);

  // What the kernel should pass.
  std::vector<CanFilter> filters() const;
  // What a bus gave. Frames that nobody wants are no matter.
  void take(const CanReport& report, std::span<const CanArrival> arrivals);
  // Which signals the last take() brought anew, by their place in `wanted`.
  std::span<const std::size_t> brought() const { return brought_; }
  // Of the signal at this place of `wanted`.
  CanReading reading(std::size_t signal, SteadyTime now) const;
  // When the next signal falls silent if nothing comes; never when none is heard.
  SteadyTime next_due(SteadyTime now) const;

 private:
  struct Slot {
    SignalValue value;
    Now arrived{};
    bool heard = false;
    bool missing = false;  // known to be gone, or silent since the beginning for too long
    SteadyTime began{};
    Duration silence_max{0};
  };
  // The frames of one message, and where its signals go.
  struct Source {
    CanFilter filter;
    MessageDecoder decoder;
    std::vector<std::size_t> slots;
    std::vector<SignalValue> values;
  };

  void add_source(const DbcMessage& message, const CanFilter& filter, std::span<const WantedSignal> wanted);
  void take(const CanArrival& arrival);
  void take(Source& source, const CanArrival& arrival);
  void lose_all();
  static std::uint64_t key_of(CanId id) { return (std::uint64_t{id.extended} << 32U) | id.number; }

  std::vector<Slot> slots_;
  std::vector<std::size_t> brought_;
  std::vector<Source> sources_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_id_;  // of sources that take one id
  std::vector<std::size_t> by_mask_;                           // of those that take several
};

}  // namespace davy
