#pragma once

#include <string>
#include <string_view>

#include "firmware/tool/options.hpp"
#include "proto/base/result.hpp"

// A profile while it is being made: what a manual says, as the text of a profile file.
namespace davy {

// An address as a manual writes it, as it goes over the wire.
struct Place {
  std::optional<RegisterTable> table;  // the manual's number names it
  std::uint16_t address = 0;
};
Result<Place> place_from(std::string_view text, Counting counting);

// "NAME key=value ...", the words that davy profile new --help explains. Errors name the word.
Result<SignalProfile> signal_from_words(std::string_view text, Counting counting);
Result<RawMeaning> raw_meaning_from(std::string_view text);  // "0x7FFF:sensor_fault"

// The unit that goes with a quantity; empty when it has none or is unknown.
std::string_view unit_of(std::string_view quantity);

// The profile's file.
std::string profile_text(const DeviceProfile& profile);
// What to put into a gateway's configuration to use it.
std::string bus_config_text(const DeviceProfile& profile, const BusChoice& bus, const SerialSettings& line,
                            std::uint8_t unit);

}  // namespace davy
