#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "drivers/api/register_bus.hpp"

// Modbus frames as bytes, without any port: what both ends of a wire agree on.
namespace davy {

inline constexpr std::size_t rtu_frame_max = 256;
inline constexpr std::size_t tcp_frame_max = 260;
inline constexpr std::size_t tcp_header_size = 7;
inline constexpr std::size_t request_pdu_size = 5;

// The checksum at the end of an RTU frame; its low byte is sent first.
std::uint16_t crc16(std::span<const std::uint8_t> bytes);

// Function code, address and count, as sent behind the unit.
std::array<std::uint8_t, request_pdu_size> request_pdu(const RegisterRead& request);

// Function code, address and value; a coil's 1 is sent as FF00.
std::array<std::uint8_t, request_pdu_size> request_pdu(const RegisterWrite& request);

// How many bytes the data of a whole reply has: its byte count field.
std::size_t reply_byte_count(const RegisterRead& request);

// How many registers or bits a good reply brings.
constexpr std::size_t reply_register_count(const RegisterRead& request) { return request.count; }
constexpr std::size_t reply_register_count(const RegisterWrite&) { return 0; }

// Bytes of a whole good reply from the function code on.
std::size_t reply_pdu_size(const RegisterRead& request);
constexpr std::size_t reply_pdu_size(const RegisterWrite&) { return request_pdu_size; }  // the same once more

// Judges a whole reply (from the function code on) against its request and unpacks it. `out` is touched only
// on success.
BusReply unpack_reply(const RegisterRead& request, std::span<const std::uint8_t> pdu,
                      std::span<std::uint16_t> out);
// A write has nothing to unpack: `out` is empty.
BusReply unpack_reply(const RegisterWrite& request, std::span<const std::uint8_t> pdu,
                      std::span<std::uint16_t> out);

}  // namespace davy
