#include "host/ingest/quarantine_gate.hpp"

#include "proto/wire/hash.hpp"

namespace davy {
namespace {
constexpr std::size_t topic_size_max = 256;  // a longer one is nobody's
}

std::optional<QuarantineRow> QuarantineGate::pass(const std::string& gateway, std::string_view topic,
                                                  std::string_view payload, const std::string& reason,
                                                  Now now) {
  const Hash hash = hash_of(std::string{topic} + '\n' + to_hex(hash_of(payload)));
  if (hash != held_) held_count_ = 0;
  held_ = hash;
  ++held_count_;
  if (now.steady < next_) return std::nullopt;
  next_ = now.steady + distance;
  QuarantineRow row{.gateway = gateway,
                    .hash = hash,
                    .topic = std::string{topic.substr(0, topic_size_max)},
                    .reason = reason,
                    .received = now.wall,
                    .count = held_count_,
                    .size = payload.size(),
                    .bytes = std::string{payload.substr(0, quarantine_bytes_max)}};
  held_count_ = 0;
  return row;
}

}  // namespace davy
