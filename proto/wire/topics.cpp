#include "proto/wire/topics.hpp"

#include <algorithm>
#include <array>

namespace davy {
namespace {

constexpr std::string_view root = "davy/";
constexpr std::size_t topic_name_size_max = 64;

struct Kind {
  TopicKind kind;
  std::string_view word;
};
constexpr std::array<Kind, 6> kinds{{{TopicKind::birth, "birth"},
                                     {TopicKind::state, "state"},
                                     {TopicKind::block, "block"},
                                     {TopicKind::reply, "reply"},
                                     {TopicKind::ack, "ack"},
                                     {TopicKind::command, "command"}}};

std::string_view word_of(TopicKind kind) { return std::ranges::find(kinds, kind, &Kind::kind)->word; }

// Takes what stands before the next slash off the front of `rest`.
std::string_view take_level(std::string_view& rest) {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
  return level;
}

}  // namespace

std::string topic(std::string_view mine, std::string_view gateway, TopicKind kind) {
  std::string out{root};
  return out.append(mine).append("/").append(gateway).append("/").append(word_of(kind));
}

std::string topic_filter(std::string_view mine, TopicKind kind) { return topic(mine, "+", kind); }

Result<ParsedTopic> parse_topic(std::string_view text) {
  if (!text.starts_with(root)) return fail(Errc::bad_data, "topic does not start with davy/");
  std::string_view rest = text.substr(root.size());
  const auto mine = take_level(rest);
  const auto gateway = take_level(rest);
  const auto kind = std::ranges::find(kinds, rest, &Kind::word);
  if (!is_topic_name(mine) || !is_topic_name(gateway) || kind == kinds.end()) {
    return fail(Errc::bad_data, "topic is not davy/<mine>/<gateway>/<kind>");
  }
  return ParsedTopic{std::string{mine}, std::string{gateway}, kind->kind};
}

bool is_topic_name(std::string_view name) {
  return !name.empty() && name.size() <= topic_name_size_max && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace davy
