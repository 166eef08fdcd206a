#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "drivers/tags/tag_registers.hpp"

// A reader's registers in memory, and rounds of a TagRegisters against them.
namespace davy::test {

inline const WallTime noon = wall_from_ms(1'800'000'000'000);

inline DeviceProfile tag_profile(const std::string& name) {
  auto loaded = load_profile("drivers/profiles/" + name + ".textproto");
  return std::move(*loaded);
}

// What a device model answers; empty registers with a fault for a request that fails.
struct ModelReply {
  BusFault fault = BusFault::none;
  std::vector<std::uint16_t> registers;
};

class RegisterModel {
 public:
  virtual ~RegisterModel() = default;
  virtual ModelReply read(const RegisterRead& request) = 0;
  virtual ModelReply write(const RegisterWrite& request) = 0;
};

struct RoundCost {
  std::size_t reads = 0;
  std::size_t writes = 0;
  std::size_t registers = 0;
};

// One round; `between` runs before every request, for what happens meanwhile.
inline RoundCost run_round(TagRegisters& reader, RegisterModel& model, WallTime at, TagReport& out,
                           const std::function<void()>& between = {}) {
  RoundCost cost;
  reader.start_round();
  while (const auto request = reader.next()) {
    if (between) between();
    ModelReply got;
    if (const auto* read = std::get_if<RegisterRead>(&*request)) {
      got = model.read(*read);
      ++cost.reads;
      cost.registers += read->count;
    } else {
      got = model.write(std::get<RegisterWrite>(*request));
      ++cost.writes;
    }
    reader.on_reply({.fault = got.fault}, got.registers, at, out);
    if (cost.reads + cost.writes > 2000) return cost;  // a round must end by itself
  }
  return cost;
}

}  // namespace davy::test
