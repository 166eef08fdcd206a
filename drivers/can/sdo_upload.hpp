#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "drivers/can/canopen.hpp"
#include "proto/base/result.hpp"

namespace davy {

inline constexpr std::size_t sdo_size_max = std::size_t{64} * 1024;

// An entry of a CANopen node's object dictionary.
struct ObjectAddress {
  std::uint16_t index = 0;
  std::uint8_t sub = 0;

  bool operator==(const ObjectAddress&) const = default;
};
std::string to_string(ObjectAddress object);  // "1018:01"

// What a node or we say when a transfer ends without data, in words.
std::string_view sdo_abort_meaning(std::uint32_t code);

// Reads one object after the other from one node, expedited or in segments, as CANopen's SDO client does.
//   idle     --(start)-------------> opening
//   opening  --(expedited answer)--> idle      --(segmented answer)--> loading
//   loading  --(last segment)------> idle
//   any      --(abort, time-out, nonsense)--> idle, with an error
// Sends nothing itself: each step gives the frame to send, if any. A late answer to an earlier question is
// told by its object and passed over.
class SdoUpload {
 public:
  SdoUpload(std::uint8_t node, Duration answer_within) : node_{node}, answer_within_{answer_within} {}

  CanId answers() const { return sdo_answer_id(node_); }
  bool busy() const { return state_ != State::idle; }

  // The request to send. Gives up what was going on.
  CanFrame start(ObjectAddress object, SteadyTime now);
  // A frame from the bus; the next request or an abort to send, if any.
  std::optional<CanFrame> take(const CanFrame& frame, SteadyTime now);
  // The abort to send when nothing has come in time.
  std::optional<CanFrame> step(SteadyTime now);
  SteadyTime next_due() const { return busy() ? due_ : never; }

  // Of the last transfer, when not busy: the object's bytes. Errors: timeout, rejected (the node said no; in
  // its words), bad_data (it did not keep to the protocol).
  const Result<std::vector<std::uint8_t>>& result() const { return result_; }

 private:
  enum class State : std::uint8_t { idle, opening, loading };

  std::optional<CanFrame> take_opening(std::span<const std::uint8_t> bytes, SteadyTime now);
  std::optional<CanFrame> take_segment(std::span<const std::uint8_t> bytes, SteadyTime now);
  void take_abort(std::span<const std::uint8_t> bytes);
  bool is_ours(std::span<const std::uint8_t> bytes) const;
  CanFrame ask_segment(SteadyTime now);
  CanFrame abort(std::uint32_t code, Errc kind, const std::string& why);
  void finish();

  std::uint8_t node_;
  Duration answer_within_;
  State state_ = State::idle;
  ObjectAddress object_;
  SteadyTime due_ = never;
  bool toggle_ = false;
  std::optional<std::size_t> announced_;
  std::vector<std::uint8_t> received_;
  Result<std::vector<std::uint8_t>> result_;
};

}  // namespace davy
