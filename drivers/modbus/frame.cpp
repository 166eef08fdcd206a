#include "drivers/modbus/frame.hpp"

#include <algorithm>
#include <string>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr std::array<std::uint16_t, 256> crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    unsigned crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? (crc >> 1U) ^ 0xA001U : crc >> 1U;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr std::uint8_t write_coil = 5;
constexpr std::uint8_t write_register = 6;
constexpr std::uint16_t coil_on = 0xFF00;

std::array<std::uint8_t, request_pdu_size> pdu_of(std::uint8_t function, unsigned address, unsigned word) {
  const auto high = [](unsigned w) { return static_cast<std::uint8_t>(w >> 8U); };
  const auto low = [](unsigned w) { return static_cast<std::uint8_t>(w & 0xFFU); };
  return {function, high(address), low(address), high(word), low(word)};
}

void unpack_bits(std::span<const std::uint8_t> data, std::span<std::uint16_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (std::uint32_t{data[i / 8]} >> (i % 8)) & 1U;
}

void unpack_registers(std::span<const std::uint8_t> data, std::span<std::uint16_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint16_t>((data[2 * i] << 8U) | data[2 * i + 1]);
  }
}

}  // namespace

std::uint16_t crc16(std::span<const std::uint8_t> bytes) {
  static constexpr auto table = crc_table();
  unsigned crc = 0xFFFF;
  for (const std::uint8_t byte : bytes) crc = (crc >> 8U) ^ table[(crc ^ byte) & 0xFFU];
  return static_cast<std::uint16_t>(crc);
}

std::array<std::uint8_t, request_pdu_size> request_pdu(const RegisterRead& request) {
  return pdu_of(static_cast<std::uint8_t>(request.table), request.address, request.count);
}

std::array<std::uint8_t, request_pdu_size> request_pdu(const RegisterWrite& request) {
  DAVY_ASSERT(request.unit != 0);
  if (request.table == RegisterTable::coil) {
    DAVY_ASSERT(request.value <= 1);
    return pdu_of(write_coil, request.address, request.value != 0 ? coil_on : 0);
  }
  DAVY_ASSERT(request.table == RegisterTable::holding);
  return pdu_of(write_register, request.address, request.value);
}

std::size_t reply_byte_count(const RegisterRead& request) {
  return is_bits(request.table) ? (request.count + 7U) / 8U : 2U * request.count;
}

std::size_t reply_pdu_size(const RegisterRead& request) { return 2 + reply_byte_count(request); }

BusReply unpack_reply(const RegisterRead& request, std::span<const std::uint8_t> pdu,
                      std::span<std::uint16_t> out) {
  DAVY_ASSERT(out.size() == request.count);
  const auto malformed = [&](const std::string& why) {
    return failed_reply(request, BusFault::malformed, why);
  };
  if (pdu.size() < 2) return malformed("the reply ends before its data");
  const auto function = static_cast<std::uint8_t>(request.table);
  if (pdu[0] == (function | 0x80U)) return exception_reply(request, pdu[1]);
  if (pdu[0] != function) {
    return malformed("the reply has function code " + std::to_string(pdu[0]) + " instead of " +
                     std::to_string(function));
  }
  const std::size_t bytes = reply_byte_count(request);
  if (pdu[1] != bytes || pdu.size() != bytes + 2) {
    return malformed("the reply announces " + std::to_string(pdu[1]) + " bytes and has " +
                     std::to_string(pdu.size() - 2) + " instead of " + std::to_string(bytes));
  }
  const auto data = pdu.subspan(2);
  if (is_bits(request.table)) {
    unpack_bits(data, out);
  } else {
    unpack_registers(data, out);
  }
  return {};
}

BusReply unpack_reply(const RegisterWrite& request, std::span<const std::uint8_t> pdu,
                      std::span<std::uint16_t> out) {
  DAVY_ASSERT(out.empty());
  const auto asked = request_pdu(request);
  if (pdu.size() >= 2 && pdu[0] == (asked[0] | 0x80U)) return exception_reply(request, pdu[1]);
  if (std::ranges::equal(pdu, asked)) return {};
  return failed_reply(request, BusFault::malformed, "the reply does not repeat the write");
}

}  // namespace davy
