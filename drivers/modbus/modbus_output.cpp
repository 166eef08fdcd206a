#include "drivers/modbus/modbus_output.hpp"

#include <array>
#include <string>

namespace davy {
namespace {

Errc code_of(BusFault fault) {
  switch (fault) {
    case BusFault::timeout: return Errc::timeout;
    case BusFault::exception: return Errc::rejected;
    case BusFault::port_lost: return Errc::disconnected;
    case BusFault::none:
    case BusFault::crc:
    case BusFault::wrong_unit:
    case BusFault::short_frame:
    case BusFault::malformed: break;
  }
  return Errc::bad_data;
}

}  // namespace

Status ModbusOutput::set(bool on) {
  const BusReply reply = bus_.write({.unit = settings_.unit,
                                     .table = settings_.table,
                                     .address = settings_.address,
                                     .value = on ? settings_.on_value : settings_.off_value,
                                     .reply_timeout = settings_.reply_timeout});
  if (reply.ok()) return {};
  return fail(code_of(reply.fault), reply.message);
}

Result<bool> ModbusOutput::read_back() {
  std::array<std::uint16_t, 1> word{};
  const RegisterRead request{.unit = settings_.unit,
                             .table = settings_.read_back_table,
                             .address = settings_.read_back_address,
                             .count = 1,
                             .reply_timeout = settings_.reply_timeout};
  const BusReply reply = bus_.read(request, word);
  if (!reply.ok()) return fail(code_of(reply.fault), reply.message);
  if (word[0] == settings_.read_back_on) return true;
  if (word[0] == settings_.read_back_off) return false;
  return fail(Errc::bad_data, describe(request) + ": reads " + std::to_string(word[0]) +
                                  ", neither the value for on nor the one for off");
}

}  // namespace davy
