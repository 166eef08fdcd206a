#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "drivers/simulated/rig_air.hpp"
#include "proto/wire/rig_config.hpp"

namespace davy::rig {

// What comes back for one request, before it is framed for a line or a TCP connection.
struct DeviceReply {
  bool silent = false;
  std::uint8_t unit = 1;          // the one it says it is
  std::vector<std::uint8_t> pdu;  // function code and data
  bool damaged = false;           // wrong checksum; on TCP a wrong length
  std::size_t cut = 0;            // bytes missing at the end of the frame
  double delay = 0;               // seconds from the end of the request to the first byte
};

// The registers of one simulated device. Answers function codes 1 to 4, and 5 for its relays; others with
// exception 1, addresses it does not have with exception 2.
class RigDevice {
 public:
  RigDevice(const DeviceSettings& settings, const RigConfig& config, const RigAir& air);

  std::uint8_t unit() const { return settings_.unit; }
  // `pdu` from the function code on.
  DeviceReply answer(std::span<const std::uint8_t> pdu, double t) const;

 private:
  std::optional<std::vector<std::uint16_t>> registers(RegisterTable table, std::uint16_t address,
                                                      std::uint16_t count, double t) const;
  std::optional<std::vector<std::uint16_t>> profile_registers(RegisterTable table, std::uint16_t address,
                                                              std::uint16_t count, double t) const;
  std::optional<std::vector<std::uint16_t>> reader_registers(std::uint16_t address, std::uint16_t count,
                                                             double t) const;
  std::vector<std::uint8_t> reply_pdu(std::span<const std::uint8_t> request, double t) const;
  std::vector<std::uint8_t> switch_relay(std::span<const std::uint8_t> request, double t) const;

  const DeviceSettings& settings_;
  const DeviceProfile* profile_;  // null for a tag reader
  const RigAir& air_;
  // First and last address of each table, by function code.
  struct Extent {
    bool any = false;
    std::uint16_t first = 0;
    std::uint16_t last = 0;
  };
  std::array<Extent, 5> extents_{};
};

// The event ring of a simulated tag reader, input registers (function code 4):
//   0  number of the newest sighting, modulo 65536; 0: none yet
//   1  how many sightings the ring holds (tag_slots)
//   2 + 8 * (number % tag_slots), for each sighting:
//      +0 number  +1..+4 tag, most significant first  +5 distance, cm, s16  +6 age, 0.1 s  +7 bit 0 SOS, bit
//      1 low battery
// A reader that asks for the whole ring often enough misses nothing; a jump of the numbers shows what it
// missed.
inline constexpr std::uint16_t ring_entry = 8;

}  // namespace davy::rig
