#include "drivers/tags/tag_line_reader.hpp"

namespace davy {
namespace {

constexpr int reads_max = 16;  // of one step

}  // namespace

TagLineReader::TagLineReader(const TagLinesProfile& profile, LineSocketSettings socket, std::string reader)
    : socket_{std::move(socket)}, parser_{profile, std::move(reader)} {}

void TagLineReader::step(Now now, TagReport& out) {
  more_ = false;
  for (int i = 0; i < reads_max; ++i) {
    const std::uint32_t connections = socket_.connections();
    const std::string_view bytes = socket_.step(now.steady);
    if (socket_.connections() != connections) {
      parser_.restart();
      continue;  // something may have come already
    }
    if (bytes.empty()) return;
    parser_.take(bytes, now.wall, out);
  }
  more_ = true;
}

}  // namespace davy
