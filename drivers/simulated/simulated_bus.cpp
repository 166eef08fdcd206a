#include "drivers/simulated/simulated_bus.hpp"

#include <algorithm>
#include <array>

#include "drivers/modbus/frame.hpp"
#include "drivers/modbus/line_timing.hpp"
#include "drivers/modbus/register_codec.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr std::size_t request_size = 8;
constexpr std::size_t reply_overhead = 3;  // unit, checksum

}  // namespace

void SimulatedBus::set(std::uint8_t unit, RegisterTable table, std::uint16_t address, std::uint16_t value) {
  registers_[{unit, table, address}] = value;
}

void SimulatedBus::set_signal(std::uint8_t unit, const SignalProfile& signal, double value) {
  std::array<std::uint16_t, 2> words{};
  const std::uint16_t count = register_count(signal.encoding);
  const auto address = [&](std::uint16_t i) { return static_cast<std::uint16_t>(signal.address + i); };
  for (std::uint16_t i = 0; i < count; ++i) words[i] = registers_[{unit, signal.table, address(i)}];
  put_raw_number(signal, unscaled(signal, value), std::span(words).first(count));
  for (std::uint16_t i = 0; i < count; ++i) set(unit, signal.table, address(i), words[i]);
}

void SimulatedBus::remove(std::uint8_t unit) {
  answers_.erase(unit);
  std::erase_if(registers_, [&](const auto& entry) { return std::get<0>(entry.first) == unit; });
}

void SimulatedBus::fail(std::uint8_t unit, BusFault fault, std::uint32_t times, std::uint8_t exception) {
  faults_[unit] = {fault, times, exception};
}

void SimulatedBus::heal_all() {
  faults_.clear();
  all_ = BusFault::none;
}

BusReply SimulatedBus::read(const RegisterRead& request, std::span<std::uint16_t> out) {
  DAVY_ASSERT(out.size() == request.count);
  requests_.push_back(request);
  const BusReply reply = answer(request, out);
  spend(request.reply_timeout, reply_overhead + reply_pdu_size(request), reply);
  return reply;
}

std::optional<std::uint16_t> SimulatedBus::held(std::uint8_t unit, RegisterTable table,
                                                std::uint16_t address) const {
  const auto at = registers_.find({unit, table, address});
  return at == registers_.end() ? std::nullopt : std::optional{at->second};
}

BusReply SimulatedBus::write(const RegisterWrite& request) {
  writes_.push_back(request);
  const BusReply reply = to_registers(request);
  spend(request.reply_timeout, reply_overhead + reply_pdu_size(request), reply);
  return reply;
}

void SimulatedBus::stick(std::uint8_t unit, RegisterTable table, std::uint16_t address, bool yes) {
  if (yes) {
    stuck_.insert({unit, table, address});
  } else {
    stuck_.erase({unit, table, address});
  }
}

BusReply SimulatedBus::to_registers(const RegisterWrite& request) {
  std::uint8_t exception = 0;
  const BusFault fault = take_fault(request.unit, exception);
  if (fault == BusFault::exception) return exception_reply(request, exception);
  if (fault != BusFault::none) return failed_reply(request, fault, to_string(fault));
  const auto first = registers_.lower_bound({request.unit, RegisterTable{}, 0});
  if (first == registers_.end() || std::get<0>(first->first) != request.unit) {
    return failed_reply(request, BusFault::timeout, "no reply");
  }
  const Key key{request.unit, request.table, request.address};
  const auto at = registers_.find(key);
  if (at == registers_.end()) return exception_reply(request, 2);
  if (!stuck_.contains(key)) at->second = request.value;
  return {};
}

BusReply SimulatedBus::answer(const RegisterRead& request, std::span<std::uint16_t> out) {
  std::uint8_t exception = 0;
  const BusFault fault = take_fault(request.unit, exception);
  if (fault == BusFault::exception) return exception_reply(request, exception);
  if (fault != BusFault::none) return failed_reply(request, fault, to_string(fault));
  const auto found = answers_.find(request.unit);
  if (found != answers_.end()) return found->second(request, clock_.steady(), out);
  return from_registers(request, out);
}

BusReply SimulatedBus::from_registers(const RegisterRead& request, std::span<std::uint16_t> out) const {
  const auto first = registers_.lower_bound({request.unit, RegisterTable{}, 0});
  if (first == registers_.end() || std::get<0>(first->first) != request.unit) {
    return failed_reply(request, BusFault::timeout, "no reply");
  }
  std::vector<std::uint16_t> words;
  for (unsigned i = 0; i < request.count; ++i) {
    const auto at =
        registers_.find({request.unit, request.table, static_cast<std::uint16_t>(request.address + i)});
    if (at == registers_.end()) return exception_reply(request, 2);
    words.push_back(at->second);
  }
  std::ranges::copy(words, out.begin());
  return {};
}

BusFault SimulatedBus::take_fault(std::uint8_t unit, std::uint8_t& exception) {
  if (all_ != BusFault::none) return all_;
  const auto found = faults_.find(unit);
  if (found == faults_.end() || found->second.times == 0) return BusFault::none;
  exception = found->second.exception;
  if (found->second.times != UINT32_MAX) --found->second.times;
  return found->second.kind;
}

void SimulatedBus::spend(Duration reply_timeout, std::size_t reply_characters, const BusReply& reply) {
  if (!spend_ || reply.fault == BusFault::port_lost) return;
  owed_ += frame_silence(line_) + wire_time(line_, request_size);
  if (reply.fault == BusFault::timeout) {
    owed_ += reply_timeout;
  } else {
    owed_ += wire_time(line_, reply_characters);
  }
  const auto whole = std::chrono::duration_cast<Duration>(owed_);
  owed_ -= whole;
  if (whole.count() > 0) spend_(whole);
}

}  // namespace davy
