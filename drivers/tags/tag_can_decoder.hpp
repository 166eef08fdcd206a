#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/api/tag_report.hpp"
#include "drivers/can/can_bus.hpp"
#include "drivers/can/dbc.hpp"
#include "drivers/can/message_decoder.hpp"
#include "drivers/tags/running_number.hpp"
#include "proto/wire/tag_reader_profile.hpp"

namespace davy {

// Sightings out of the frames of a reader on a CAN bus (TagCan in profile.proto).
class TagCanDecoder {
 public:
  // Errors name the message or signal that the DBC file does not have, or that cannot be what it should be.
  // `id_offset` is added to the ids of the messages: how several readers of one model are told apart on a
  // bus.
  static Result<TagCanDecoder> make(const TagCanProfile& profile, const Dbc& dbc, std::string reader,
                                    std::uint32_t id_offset = 0);

  // What the kernel should pass.
  std::vector<CanFilter> filters() const;
  // Frames of others are no matter.
  void take(const CanArrival& arrival, TagReport& out);

 private:
  // Where a field is among the decoded values of its message.
  struct Source {
    CanId id;
    MessageDecoder decoder;
    std::size_t tag = 0;
    std::optional<std::size_t> number;
    std::optional<std::size_t> distance;
    std::optional<std::size_t> before;
    std::optional<std::size_t> rssi;
    std::optional<std::size_t> age;
    std::optional<std::size_t> sos;
    std::optional<std::size_t> low_battery;
    double distance_scale = 1;
    double age_scale = 1;
  };
  class Maker;

  TagCanDecoder(std::string reader, std::vector<Source> sources, std::optional<RunningNumber> numbers);
  void take(Source& source, const CanArrival& arrival, TagReport& out);

  std::string reader_;
  std::vector<Source> sources_;
  std::optional<RunningNumber> numbers_;
  std::vector<SignalValue> values_;
};

}  // namespace davy
