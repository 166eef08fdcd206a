#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "drivers/api/register_bus.hpp"
#include "proto/base/clock.hpp"

namespace davy {

// The fake beside RegisterBus: devices in memory, no I/O. A unit nobody defined does not answer; a register
// nobody set is refused with exception 2, as a real device would. Not thread-safe.
class SimulatedBus final : public RegisterBus {
 public:
  // A unit that answers by itself, a rig model say. Gets the time of the request; `out` as in
  // RegisterBus::read.
  using Answer =
      std::function<BusReply(const RegisterRead& request, SteadyTime now, std::span<std::uint16_t> out)>;
  // Told how long a read would have blocked its thread: a test hands it to its clock to see what a schedule
  // costs.
  using Spend = std::function<void(Duration)>;

  explicit SimulatedBus(const Clock& clock, SerialSettings line = {}, Spend spend = {})
      : clock_{clock}, line_{line}, spend_{std::move(spend)} {}

  void set(std::uint8_t unit, RegisterTable table, std::uint16_t address, std::uint16_t value);
  // What is there now, whoever may be able to read it; none: nobody has set it.
  std::optional<std::uint16_t> held(std::uint8_t unit, RegisterTable table, std::uint16_t address) const;
  // Writes the registers that make this signal read `value` (clamped to what its encoding can hold).
  void set_signal(std::uint8_t unit, const SignalProfile& signal, double value);
  void serve(std::uint8_t unit, Answer answer) { answers_[unit] = std::move(answer); }
  void remove(std::uint8_t unit);

  // The next `times` reads of this unit fail so; by default all until heal().
  void fail(std::uint8_t unit, BusFault fault, std::uint32_t times = UINT32_MAX, std::uint8_t exception = 2);
  // Every read of every unit fails so until heal_all(), such as port_lost.
  void fail_all(BusFault fault) { all_ = fault; }
  void heal(std::uint8_t unit) { faults_.erase(unit); }
  void heal_all();

  BusReply read(const RegisterRead& request, std::span<std::uint16_t> out) override;
  // Into the registers set(); one nobody set is refused. A unit that answers by itself takes no writes.
  BusReply write(const RegisterWrite& request) override;
  // Writes to this coil or register are answered as good and change nothing: a relay that sticks.
  void stick(std::uint8_t unit, RegisterTable table, std::uint16_t address, bool yes = true);

  // Every request so far, in order; a test may clear it.
  std::vector<RegisterRead>& requests() { return requests_; }
  std::vector<RegisterWrite>& writes() { return writes_; }

 private:
  struct Fault {
    BusFault kind{};
    std::uint32_t times = 0;
    std::uint8_t exception = 0;
  };
  using Key = std::tuple<std::uint8_t, RegisterTable, std::uint16_t>;

  BusReply answer(const RegisterRead& request, std::span<std::uint16_t> out);
  BusReply from_registers(const RegisterRead& request, std::span<std::uint16_t> out) const;
  BusReply to_registers(const RegisterWrite& request);
  BusFault take_fault(std::uint8_t unit, std::uint8_t& exception);
  void spend(Duration reply_timeout, std::size_t reply_characters, const BusReply& reply);

  const Clock& clock_;
  const SerialSettings line_;
  const Spend spend_;
  std::map<Key, std::uint16_t> registers_;
  std::map<std::uint8_t, Answer> answers_;
  std::map<std::uint8_t, Fault> faults_;
  BusFault all_ = BusFault::none;
  std::set<Key> stuck_;
  std::vector<RegisterRead> requests_;
  std::vector<RegisterWrite> writes_;
  std::chrono::microseconds owed_{0};  // blocked for, but less than a millisecond, so not yet told
};

}  // namespace davy
