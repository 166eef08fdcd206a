#include "firmware/tool/unit_search.hpp"

#include <array>

#include "firmware/app/text_table.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

constexpr RegisterTable asked_first[] = {RegisterTable::holding, RegisterTable::input};
constexpr RegisterTable all_tables[] = {RegisterTable::holding, RegisterTable::input,
                                        RegisterTable::discrete_input, RegisterTable::coil};
constexpr int damaged_tries = 3;
constexpr std::uint8_t path_unavailable = 10;
constexpr std::uint8_t behind_gateway_silent = 11;

// An exception is an answer, unless it is a TCP gateway's word that nobody is there.
bool is_answer(const BusReply& reply) {
  if (reply.fault != BusFault::exception) return reply.ok();
  return reply.exception != path_unavailable && reply.exception != behind_gateway_silent;
}

bool is_damage(const BusReply& reply) {
  return reply.fault == BusFault::crc || reply.fault == BusFault::short_frame ||
         reply.fault == BusFault::malformed;
}

}  // namespace

bool FoundUnit::answers() const {
  for (const auto& [table, reply] : replies) {
    if (is_answer(reply)) return true;
  }
  return false;
}

std::vector<FoundUnit> UnitSearch::run(const std::vector<std::uint8_t>& units, const Progress& progress) {
  std::size_t step = 0;
  bool going = true;
  for (const RegisterTable table : asked_first) {
    for (const std::uint8_t unit : units) {
      ++step;
      if (!going || port_lost_ || found_.contains(unit)) continue;
      going = progress(unit, table, step, 2 * units.size());
      if (going) look(unit, table);
    }
  }
  std::vector<FoundUnit> out;
  out.reserve(found_.size());
  for (auto& [unit, found] : found_) out.push_back(std::move(found));
  return out;
}

BusReply UnitSearch::ask(std::uint8_t unit, RegisterTable table) {
  std::array<std::uint16_t, 1> word{};
  BusReply reply =
      bus_.read({.unit = unit, .table = table, .address = 0, .count = 1, .reply_timeout = wait_}, word);
  if (reply.fault == BusFault::port_lost) port_lost_ = reply.message;
  return reply;
}

void UnitSearch::look(std::uint8_t unit, RegisterTable table) {
  FoundUnit found{.unit = unit, .replies = {}};
  BusReply reply = ask(unit, table);
  for (int again = 1; again < damaged_tries && is_damage(reply); ++again) reply = ask(unit, table);
  found.damaged = is_damage(reply);
  if (!found.damaged && !is_answer(reply)) return;
  found.replies[table] = std::move(reply);
  if (!found.damaged) examine(found);
  found_[unit] = std::move(found);
}

void UnitSearch::examine(FoundUnit& found) {
  for (const RegisterTable table : all_tables) {
    if (!found.replies.contains(table) && !port_lost_) found.replies[table] = ask(found.unit, table);
  }
}

std::string found_text(const std::vector<FoundUnit>& found) {
  TextTable table;
  table.add({"unit", "holding (03)", "input (04)", "discrete (02)", "coil (01)"});
  std::string notes;
  for (const FoundUnit& unit : found) {
    std::vector<std::string> row{std::to_string(unit.unit)};
    for (const RegisterTable t : all_tables) {
      const auto reply = unit.replies.find(t);
      if (reply == unit.replies.end()) {
        row.emplace_back("not asked");
      } else if (reply->second.ok()) {
        row.emplace_back("answers");
      } else if (reply->second.fault == BusFault::exception) {
        row.push_back("exception " + std::to_string(reply->second.exception));
      } else {
        row.emplace_back(reply->second.fault == BusFault::timeout ? "silent" : "damaged");
      }
    }
    table.add(std::move(row));
    if (unit.damaged) {
      notes += "unit " + std::to_string(unit.unit) +
               ": every answer is damaged: two devices may have this address, or the parity is another one. "
               "Unplug one of them and scan again.\n";
    }
  }
  notes += "exception 1: no such table; exception 2: the table is there, register 0 is not.\n";
  return table.print() + notes;
}

}  // namespace davy
