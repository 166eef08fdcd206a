#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drivers/api/register_bus.hpp"

namespace davy {

// What one unit said when each table was asked for its register 0.
struct FoundUnit {
  std::uint8_t unit = 0;
  std::map<RegisterTable, BusReply> replies;
  bool damaged = false;  // something answers, and every answer has a wrong checksum

  bool answers() const;  // with registers or an exception
};

// Asks units one by one on a bus where nobody else asks: a holding register, and then, of those that were
// silent, an input register. One that is found is asked for every table once.
class UnitSearch {
 public:
  // Told before each question; false ends the search. `step` of `steps`.
  using Progress =
      std::function<bool(std::uint8_t unit, RegisterTable table, std::size_t step, std::size_t steps)>;

  UnitSearch(RegisterBus& bus, Duration wait) : bus_{bus}, wait_{wait} {}
  // What was found, in the order of units; also when the port is lost or the search is ended early.
  std::vector<FoundUnit> run(const std::vector<std::uint8_t>& units, const Progress& progress);
  const std::optional<std::string>& port_lost() const { return port_lost_; }

 private:
  BusReply ask(std::uint8_t unit, RegisterTable table);
  void look(std::uint8_t unit, RegisterTable table);
  void examine(FoundUnit& found);

  RegisterBus& bus_;
  const Duration wait_;
  std::map<std::uint8_t, FoundUnit> found_;
  std::optional<std::string> port_lost_;
};

// The table of what was found, with a word on units that look doubled.
std::string found_text(const std::vector<FoundUnit>& found);

}  // namespace davy
