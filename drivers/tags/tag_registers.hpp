#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "drivers/api/register_bus.hpp"
#include "drivers/api/tag_report.hpp"
#include "proto/wire/profile.hpp"

namespace davy {

// A reader of tags behind Modbus: says what to ask it next and takes what it answers. Does no I/O and keeps
// no time; who owns the bus does both, between its other requests if it likes:
//
//   reader.start_round();
//   while (const auto request = reader.next()) { ... reader.on_reply(reply, registers, arrived, report); }
//
// Promises that every sighting which the reader held is reported once or counted as lost. A round is bounded;
// what it leaves is fetched in the next one.
class TagRegisters {
 public:
  virtual ~TagRegisters() = default;
  // What an unfinished round had left to do is planned anew; nothing is lost by it.
  virtual void start_round() = 0;
  // The same request until it is answered; nothing when the round is done.
  virtual std::optional<RegisterRequest> next() const = 0;
  // The answer to what next() gave last. `registers` of a read that went well; otherwise empty. `arrived`:
  // the wall time of the reply, from which the ages of sightings count back.
  virtual void on_reply(const BusReply& reply, std::span<const std::uint16_t> registers, WallTime arrived,
                        TagReport& out) = 0;
};

// For a profile whose tag_reader is a ring or a FIFO; nullptr for any other. `reader` is its name in
// sightings. The profile may go afterwards.
std::unique_ptr<TagRegisters> make_tag_registers(const DeviceProfile& profile, std::uint8_t unit,
                                                 const std::string& reader);

}  // namespace davy
