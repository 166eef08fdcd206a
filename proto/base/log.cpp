#include "proto/base/log.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>

#include <unistd.h>

namespace davy::log {
namespace {

std::atomic<Level> lowest_level{Level::info};

struct Name {
  std::string_view word;
  std::string_view journal_prefix;  // sd-daemon(3)
};
constexpr std::array<Name, 4> names{{{"debug", "<7>"}, {"info", "<6>"}, {"warn", "<4>"}, {"error", "<3>"}}};

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_of(" \t\r\n\"=\\") != std::string_view::npos;
}

// Line breaks are escaped: what a device or a web page sent must not be able to forge a log line.
void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : text) {
    switch (c) {
      case '\n': line += "\\n"; break;
      case '\r': line += "\\r"; break;
      case '"': line += "\\\""; break;
      case '\\': line += "\\\\"; break;
      default: line += c;
    }
  }
  line += '"';
}

}  // namespace

Field::Field(std::string_view k, double v) : key{k} {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), v).ptr;
  value.assign(text.data(), end);
}

std::optional<Level> level_named(std::string_view word) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].word == word) return static_cast<Level>(i);
  }
  return std::nullopt;
}

void set_level(Level lowest) { lowest_level = lowest; }

void write(Level level, std::string_view event, Fields fields) {
  if (level < lowest_level.load(std::memory_order_relaxed)) return;
  static const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
  const Name& name = names[static_cast<std::size_t>(level)];
  std::string line;
  if (to_journal) line += name.journal_prefix;
  line.append(name.word).append(" ").append(event);
  for (const Field& field : fields) {
    line.append(" ").append(field.key).append("=");
    if (needs_quotes(field.value)) {
      append_quoted(line, field.value);
    } else {
      line += field.value;
    }
  }
  line += '\n';
  // One write call, so that lines of several threads never mix. A lost log line must not stop a gateway.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace davy::log
