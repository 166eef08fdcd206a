#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace davy {

enum class TopicKind : std::uint8_t { birth, state, block, reply, ack, command };

// davy/<mine>/<gateway>/<kind>
std::string topic(std::string_view mine, std::string_view gateway, TopicKind kind);
// The same for all gateways of a mine, as a subscription: davy/<mine>/+/<kind>
std::string topic_filter(std::string_view mine, TopicKind kind);

struct ParsedTopic {
  std::string mine;
  std::string gateway;
  TopicKind kind;
};
Result<ParsedTopic> parse_topic(std::string_view topic);

// Letters, digits, - and _, 1 to 64 of them: what a mine or gateway may be called.
bool is_topic_name(std::string_view name);

}  // namespace davy
