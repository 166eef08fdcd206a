#include "drivers/api/register_bus.hpp"

namespace davy {
namespace {

std::string_view plural_name(RegisterTable table) {
  switch (table) {
    case RegisterTable::coil: return "coils";
    case RegisterTable::discrete_input: return "discrete inputs";
    case RegisterTable::holding: return "holding registers";
    case RegisterTable::input: return "input registers";
  }
  return "registers";
}

template <typename Request>
BusReply failed(const Request& request, BusFault fault, std::string_view detail) {
  BusReply reply{.fault = fault, .message = describe(request)};
  reply.message += ": ";
  reply.message += detail;
  return reply;
}

template <typename Request>
BusReply refused(const Request& request, std::uint8_t code) {
  BusReply reply = failed(request, BusFault::exception, "exception " + std::to_string(code) + ", ");
  reply.message += exception_meaning(code);
  reply.exception = code;
  return reply;
}

}  // namespace

const char* to_string(BusFault fault) {
  switch (fault) {
    case BusFault::none: return "none";
    case BusFault::timeout: return "timeout";
    case BusFault::crc: return "crc";
    case BusFault::wrong_unit: return "wrong_unit";
    case BusFault::short_frame: return "short_frame";
    case BusFault::exception: return "exception";
    case BusFault::malformed: return "malformed";
    case BusFault::port_lost: return "port_lost";
  }
  return "unknown";
}

std::string describe(const RegisterRead& request) {
  std::string text = "unit " + std::to_string(request.unit) + ", ";
  text += plural_name(request.table);
  text += " " + std::to_string(request.address);
  if (request.count > 1) text += " to " + std::to_string(request.address + request.count - 1);
  return text;
}

std::string describe(const RegisterWrite& request) {
  return "unit " + std::to_string(request.unit) + ", " +
         (request.table == RegisterTable::coil ? "coil " : "holding register ") +
         std::to_string(request.address) + " to " + std::to_string(request.value);
}

std::string_view exception_meaning(std::uint8_t code) {
  switch (code) {
    case 1: return "illegal function: the device does not know this table";
    case 2: return "illegal data address: the device has no such register";
    case 3: return "illegal data value: too many registers at once, or a count it does not allow";
    case 4: return "device failure";
    case 5: return "acknowledge: the device needs longer";
    case 6: return "device busy";
    case 7: return "negative acknowledge";
    case 8: return "memory parity error";
    case 10: return "gateway path unavailable";
    case 11: return "gateway: the device behind it does not answer";
    default: return "a code the standard does not name";
  }
}

BusReply failed_reply(const RegisterRead& request, BusFault fault, std::string_view detail) {
  return failed(request, fault, detail);
}
BusReply failed_reply(const RegisterWrite& request, BusFault fault, std::string_view detail) {
  return failed(request, fault, detail);
}

BusReply exception_reply(const RegisterRead& request, std::uint8_t code) { return refused(request, code); }
BusReply exception_reply(const RegisterWrite& request, std::uint8_t code) { return refused(request, code); }

}  // namespace davy
