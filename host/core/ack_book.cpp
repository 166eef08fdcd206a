#include "host/core/ack_book.hpp"

#include <utility>

#include "proto/wire/limits.hpp"

namespace davy {

AckBook::Due AckBook::take_one() {
  auto node = due_.extract(due_.begin());
  return {node.key(), std::move(node.mapped())};
}

void AckBook::put_back(const Due& due) {
  for (const auto& [stream, ranges] : due.streams) {
    for (const Range& range : ranges.ranges()) add(due.gateway, stream, range);
  }
}

std::vector<std::string> AckBook::encode(const Due& due) {
  std::vector<std::string> messages;
  std::vector<AckOfStream> part;
  std::size_t ranges_in_part = 0;
  const auto close = [&] {
    if (!part.empty()) messages.push_back(encode_ack(part));
    part.clear();
    ranges_in_part = 0;
  };
  for (const auto& [stream, set] : due.streams) {
    if (part.size() == ack_streams_max) close();
    part.push_back({stream, {}});
    for (const Range& range : set.ranges()) {
      if (ranges_in_part == ack_ranges_max) {
        close();
        part.push_back({stream, {}});
      }
      part.back().ranges.push_back(range);
      ++ranges_in_part;
    }
  }
  close();
  return messages;
}

}  // namespace davy
