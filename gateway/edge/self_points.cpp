#include "gateway/edge/self_points.hpp"

#include <string>
#include <utility>

#include "proto/base/assert.hpp"

namespace davy {
namespace {

struct Description {
  std::string name;  // behind the gateway's name
  std::string title;
  std::string title_en;
  std::string quantity;
  std::string unit;
  PointKind kind = PointKind::analogue;
  double range_high = 0;
  std::string text_on;
  std::string text_off;
};

// What a 53-bit number of JSON and of a double can count to without error.
constexpr double count_max = 9007199254740992.0;

std::vector<Description> descriptions(const GatewayConfig& config) {
  std::vector<Description> out{
      {"link", "网关链路", "link to the surface", "link", "", PointKind::state, 1, "up", "down"},
      {"spool_blocks", "待传数据块", "blocks waiting", "spool", "blocks", PointKind::analogue, count_max, "",
       ""},
      {"spool_bytes", "待传数据量", "bytes waiting", "spool", "B", PointKind::analogue, count_max, "", ""},
      {"clock", "时钟状态", "clock: 1 unset, 2 free, 3 synced", "clock", "", PointKind::analogue, 3, "", ""},
  };
  for (const BusSettings& bus : config.buses) {
    out.push_back({"bus-" + bus.name + "-errors", "总线错误", "failed requests", "bus", "requests",
                   PointKind::totaliser, count_max, "", ""});
    out.push_back({"bus-" + bus.name + "-missed", "漏巡检", "rounds missed for want of time", "bus", "rounds",
                   PointKind::totaliser, count_max, "", ""});
  }
  return out;
}

}  // namespace

SelfPoints::SelfPoints(const GatewayConfig& config)
    : first_index_{static_cast<std::uint32_t>(config.points.size())} {
  for (Description& d : descriptions(config)) {
    points_.push_back({.name = config.gateway + "/" + d.name,
                       .title = std::move(d.title),
                       .title_en = std::move(d.title_en),
                       .place = config.gateway,
                       .quantity = std::move(d.quantity),
                       .unit = std::move(d.unit),
                       .kind = d.kind,
                       .range_low = 0,
                       .range_high = d.range_high,
                       .period = period,
                       .stale_after = 3 * period,
                       .text_on = std::move(d.text_on),
                       .text_off = std::move(d.text_off),
                       .device = "gateway"});
  }
}

void SelfPoints::sample(const SelfValues& values, WallTime at, std::vector<Sample>& out) const {
  std::uint32_t index = first_index_;
  const auto add = [&](double value) { out.push_back({PointIndex{index++}, value, Quality{}, at}); };
  add(values.link_up ? 1 : 0);
  add(static_cast<double>(values.spool_blocks));
  add(static_cast<double>(values.spool_bytes));
  add(static_cast<double>(values.clock));
  for (const SelfValues::Bus& bus : values.buses) {
    add(static_cast<double>(bus.failed_requests));
    add(static_cast<double>(bus.missed_rounds));
  }
  DAVY_ASSERT(index == first_index_ + points_.size());
}

}  // namespace davy
