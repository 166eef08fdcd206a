#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "drivers/can/dbc.hpp"

namespace davy {

// What one frame says of one signal.
struct SignalValue {
  double value = std::numeric_limits<double>::quiet_NaN();  // a sensor's own NaN is NaN and present
  std::int64_t raw = 0;                                     // of floating-point signals the bits
  bool present = false;  // false: the frame is too short, or its multiplexer selects others
};

// One message of a DBC file made ready: turns a frame's bytes into the signals that are wanted. Says what is
// in the frame and judges nothing. Whole numbers beyond 2^53 lose their last digits, as in any double.
class MessageDecoder {
 public:
  // All signals, in the order of the message.
  explicit MessageDecoder(const DbcMessage& message);
  // These, by their place in the message, in this order. The message may go afterwards.
  MessageDecoder(const DbcMessage& message, std::span<const std::size_t> wanted);

  std::size_t count() const { return count_; }
  // `out` has count() places.
  void decode(std::span<const std::uint8_t> bytes, std::span<SignalValue> out);

 private:
  static constexpr std::uint16_t nowhere = UINT16_MAX;
  enum class Source : std::uint8_t { low_word, high_word, bytes_up, bytes_down };

  // One signal. Those of messages of 8 bytes are cut out of the frame as a 64-bit number.
  struct Step {
    double factor = 1;
    double offset = 0;
    std::uint32_t ranges_begin = 0;  // in ranges_: when `selector` lets it be there
    std::uint32_t ranges_end = 0;
    std::uint16_t selector = nowhere;  // in selectors_
    std::uint16_t selects = nowhere;   // in selectors_: this one is a multiplexer
    std::uint16_t out = nowhere;       // a multiplexer may be needed and not wanted
    std::uint16_t first = 0;           // bit
    std::uint8_t length = 0;
    std::uint8_t shift = 0;
    std::uint8_t end_byte = 0;
    Source source{};
    RawKind kind{};
  };
  // The raw value of a multiplexer in the frame at hand.
  struct Selector {
    std::size_t signal = 0;
    std::uint64_t raw = 0;
    bool present = false;
  };
  struct Words;

  std::uint16_t selector_of(const DbcMessage& message, std::size_t multiplexer);
  void add(const DbcMessage& message, std::size_t signal, std::uint16_t out, std::uint16_t selects);
  bool selected(const Step& step) const;
  static std::uint64_t bits_of(const Step& step, const Words& words, std::span<const std::uint8_t> bytes);
  static SignalValue value_of(const Step& step, std::uint64_t bits);

  std::vector<Step> steps_;  // each after its multiplexer
  std::vector<RawRange> ranges_;
  std::vector<Selector> selectors_;
  std::size_t count_ = 0;
};

}  // namespace davy
