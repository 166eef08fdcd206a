#include "host/ingest/point_table.hpp"

#include <unordered_set>
#include <utility>

#include "proto/base/assert.hpp"

namespace davy {
namespace {
std::string key(GatewayId gateway, const std::string& name) {
  return std::to_string(to_number(gateway)) + "/" + name;
}
}  // namespace

HostPointId PointTable::add(PointRow row, HostPoint shown) {
  const HostPointId id{static_cast<std::uint32_t>(entries_.size() + 1)};
  DAVY_ASSERT(row.id == no_point || row.id == id);
  row.id = id;
  shown.id = id;
  by_name_.emplace(key(row.gateway, row.name), id);
  entries_.push_back({.shown = std::move(shown), .row = std::move(row)});
  return id;
}

void PointTable::restore(const PointRow& row, const std::string& gateway, const Point* definition) {
  HostPoint shown{.id = row.id, .gateway = gateway, .withdrawn = true};
  if (definition != nullptr) shown.point = *definition;
  shown.point.name = row.name;
  add(row, std::move(shown));
}

std::vector<HostPointId> PointTable::numbers(GatewayId gateway, BirthId birth, const Birth& message,
                                             Staging& staging) {
  std::vector<HostPointId> out;
  out.reserve(message.points.size());
  for (const Point& point : message.points) {
    if (const auto known = by_name_.find(key(gateway, point.name)); known != by_name_.end()) {
      out.push_back(known->second);
      continue;
    }
    PointRow row{.id = no_point,
                 .gateway = gateway,
                 .name = point.name,
                 .birth = birth,
                 .position = static_cast<std::uint32_t>(out.size())};
    out.push_back(add(row, {.id = {}, .gateway = message.gateway, .point = point, .withdrawn = true}));
    staging.batch.points.push_back(entries_.back().row);
  }
  return out;
}

std::vector<HostPointId> PointTable::adopt(GatewayId gateway, BirthId birth, const Birth& message,
                                           const std::vector<HostPointId>& numbers, Staging& staging) {
  std::vector<HostPointId> changed;
  std::unordered_set<std::uint32_t> in_force;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    in_force.insert(to_number(numbers[i]));
    if (define(at(numbers[i]), birth, static_cast<std::uint32_t>(i), message.points[i], staging)) {
      changed.push_back(numbers[i]);
    }
  }
  for (Entry& entry : entries_) {
    if (entry.row.gateway != gateway || entry.shown.withdrawn || in_force.contains(to_number(entry.row.id)))
      continue;
    entry.shown.withdrawn = true;
    changed.push_back(entry.row.id);
  }
  return changed;
}

bool PointTable::define(Entry& entry, BirthId birth, std::uint32_t position, const Point& point,
                        Staging& staging) {
  if (entry.row.birth != birth || entry.row.position != position) {
    entry.row.birth = birth;
    entry.row.position = position;
    staging.batch.points.push_back(entry.row);
  }
  if (!entry.shown.withdrawn && entry.shown.point == point) return false;
  entry.shown.point = point;
  entry.shown.withdrawn = false;
  return true;
}

}  // namespace davy
