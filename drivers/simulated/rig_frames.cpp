#include "drivers/simulated/rig_frames.hpp"

#include <algorithm>

#include "drivers/modbus/frame.hpp"

namespace davy::rig {
namespace {

std::uint8_t high(std::size_t word) { return static_cast<std::uint8_t>(word >> 8U); }
std::uint8_t low(std::size_t word) { return static_cast<std::uint8_t>(word & 0xFFU); }

void drop_front(std::vector<std::uint8_t>& bytes, std::size_t count) {
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

std::optional<Request> take_rtu_request(std::vector<std::uint8_t>& bytes) {
  if (bytes.size() < rtu_request_size) return std::nullopt;
  const auto frame = std::span{bytes}.first(rtu_request_size);
  const std::uint16_t sum = crc16(frame.first(rtu_request_size - 2));
  if (frame[6] != low(sum) || frame[7] != high(sum)) {
    bytes.clear();
    return std::nullopt;
  }
  Request out{.unit = frame[0], .pdu = {frame.begin() + 1, frame.begin() + 6}};
  drop_front(bytes, rtu_request_size);
  return out;
}

std::vector<std::uint8_t> rtu_frame(const DeviceReply& reply) {
  std::vector<std::uint8_t> out{reply.unit};
  out.insert(out.end(), reply.pdu.begin(), reply.pdu.end());
  const std::uint16_t sum = static_cast<std::uint16_t>(crc16(out) ^ (reply.damaged ? 0x5555U : 0U));
  out.push_back(low(sum));
  out.push_back(high(sum));
  out.resize(out.size() - std::min(reply.cut, out.size() - 1));
  return out;
}

std::optional<Request> take_tcp_request(std::vector<std::uint8_t>& bytes, bool& broken) {
  broken = false;
  if (bytes.size() < tcp_header_size) return std::nullopt;
  const std::size_t length = static_cast<std::size_t>(bytes[4]) << 8U | bytes[5];
  if (bytes[2] != 0 || bytes[3] != 0 || length < 2 || length > tcp_frame_max - 6) {
    broken = true;
    return std::nullopt;
  }
  if (bytes.size() < 6 + length) return std::nullopt;
  Request out{.unit = bytes[6],
              .pdu = {bytes.begin() + 7, bytes.begin() + 6 + static_cast<std::ptrdiff_t>(length)},
              .transaction = static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1])};
  drop_front(bytes, 6 + length);
  return out;
}

std::vector<std::uint8_t> tcp_frame(const Request& request, const DeviceReply& reply) {
  const std::size_t length = 1 + reply.pdu.size() + (reply.damaged ? 1 : 0);
  std::vector<std::uint8_t> out{
      high(request.transaction), low(request.transaction), 0, 0, high(length), low(length), reply.unit};
  out.insert(out.end(), reply.pdu.begin(), reply.pdu.end());
  if (reply.damaged) out.push_back(0x55);
  out.resize(out.size() - std::min(reply.cut, reply.pdu.size() - 1));
  return out;
}

}  // namespace davy::rig
