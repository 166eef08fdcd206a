#include "gateway/edge/gateway_birth.hpp"

#include "proto/wire/limits.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {

Result<Birth> gateway_birth(const GatewayConfig& config, const SelfPoints& self_points) {
  Birth birth{config.mine, config.gateway, config.points};
  const auto& own = self_points.points();
  birth.points.insert(birth.points.end(), own.begin(), own.end());
  if (birth.points.size() > points_max) {
    return fail(Errc::bad_config, std::to_string(birth.points.size()) + " points with the gateway's own " +
                                      std::to_string(own.size()) + ", and at most " +
                                      std::to_string(points_max) +
                                      " are possible: give some to another gateway");
  }
  for (const Point& point : birth.points) {
    if (is_point_name(point.name)) continue;
    return fail(Errc::bad_config, "'" + point.name +
                                      "' is no possible name for a point of the gateway's own: " +
                                      "shorten the name of its bus");
  }
  const std::size_t size = encode_birth(birth).message.size();
  if (size > birth_size_max) {
    return fail(Errc::bad_config, "all points and their texts make a birth of " + std::to_string(size) +
                                      " bytes; more than " + std::to_string(birth_size_max) +
                                      " cannot be sent");
  }
  return birth;
}

}  // namespace davy
