#include "drivers/api/read_round.hpp"

namespace davy {

RoundResult read_round(RegisterBus& bus, DeviceRound& round, const Clock& clock) {
  round.begin();
  std::vector<std::uint16_t> registers;
  while (const auto asked = round.next()) {
    registers.clear();
    const auto* read = std::get_if<RegisterRead>(&asked->what);
    if (read != nullptr) registers.assign(read->count, 0);
    const BusReply reply =
        read != nullptr ? bus.read(*read, registers) : bus.write(std::get<RegisterWrite>(asked->what));
    if (!reply.ok()) registers.clear();
    round.on_reply(asked->id, reply, registers, clock.wall());
  }
  RoundResult out;
  round.finish(out, clock.wall());
  return out;
}

}  // namespace davy
