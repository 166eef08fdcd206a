#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "drivers/simulated/rig_device.hpp"

// The wire's side of the rig: finding requests in bytes and putting replies into frames. No ports, no time.
namespace davy::rig {

// All requests of function codes 1 to 6 have this length on a line.
inline constexpr std::size_t rtu_request_size = 8;

struct Request {
  std::uint8_t unit = 0;
  std::vector<std::uint8_t> pdu;
  std::uint16_t transaction = 0;  // TCP only
};

// Takes one request off the front. Nothing: wait for more. Bytes that cannot be a request (wrong checksum)
// are dropped, all of them: on a line there is no telling where the next frame begins.
std::optional<Request> take_rtu_request(std::vector<std::uint8_t>& bytes);
std::vector<std::uint8_t> rtu_frame(const DeviceReply& reply);

// The same for Modbus TCP. `broken`: the peer does not speak it; close the connection.
std::optional<Request> take_tcp_request(std::vector<std::uint8_t>& bytes, bool& broken);
std::vector<std::uint8_t> tcp_frame(const Request& request, const DeviceReply& reply);

}  // namespace davy::rig
