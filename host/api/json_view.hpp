#pragma once

#include <span>

#include "host/api/json.hpp"
#include "host/api/mirror.hpp"
#include "host/core/host_view.hpp"
#include "host/history/history_reader.hpp"

// What the host shows, as the objects of docs/api/api.md. A number that is not finite becomes null.
namespace davy {

json::object to_json(const HostPoint& point);
json::object to_json(const LatestValue& value, const Mirror& mirror, Now now);
json::object to_json(const GatewayStatus& gateway);
// `point` is the alarm's, or nullptr when there is none: it gives title, place and unit.
json::object to_json(const Alarm& alarm, const HostPoint* point);
json::object to_json(const JournalEntry& entry, const HostPoint* point);
json::array to_json(const TrendBucket& bucket);
json::array to_json(const HistorySample& sample);
json::object to_json(const StreamGaps& gaps);
json::object to_json(const GatewayEvent& event);

json::array points_json(const Mirror& mirror);
json::array values_json(const Mirror& mirror, Now now);
json::array gateways_json(const Mirror& mirror);
json::array alarms_json(const Mirror& mirror);

}  // namespace davy
