#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/core/host_view.hpp"
#include "host/history/batch.hpp"
#include "host/history/staging.hpp"
#include "proto/wire/messages.hpp"

namespace davy {

// Every point the host has ever heard of, under the number it keeps for ever.
class PointTable {
 public:
  struct Entry {
    HostPoint shown;
    PointRow row;
    WallTime newest_live{WallTime::min()};  // source time of the newest reading that was judged live
  };

  // At the start, in the order of their numbers; `definition` null when its birth cannot be read any more.
  void restore(const PointRow& row, const std::string& gateway, const Point* definition);

  // The number of each point of a birth, in its order. New points are staged; they are withdrawn until
  // adopt().
  std::vector<HostPointId> numbers(GatewayId gateway, BirthId birth, const Birth& message, Staging& staging);
  // This birth is in force: its points are defined by it, all others of the gateway are withdrawn. What
  // changed.
  std::vector<HostPointId> adopt(GatewayId gateway, BirthId birth, const Birth& message,
                                 const std::vector<HostPointId>& numbers, Staging& staging);

  Entry& at(HostPointId id) { return entries_[to_number(id) - 1]; }
  const Entry& at(HostPointId id) const { return entries_[to_number(id) - 1]; }
  const std::deque<Entry>& all() const { return entries_; }

 private:
  HostPointId add(PointRow row, HostPoint shown);
  bool define(Entry& entry, BirthId birth, std::uint32_t position, const Point& point, Staging& staging);

  std::deque<Entry> entries_;                             // number 1 is the first
  std::unordered_map<std::string, HostPointId> by_name_;  // gateway number / name
};

}  // namespace davy
