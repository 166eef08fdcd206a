#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tests/tidy/rules.hpp"

namespace davy::tidy {
namespace {

constexpr std::string_view document = "docs/operations.md";
constexpr std::string_view levels[] = {"debug", "info", "warn", "error"};

// Which program's log a source file writes to; "" for proto, which is in all of them.
std::string_view program_of(std::string_view path) {
  if (path.starts_with("drivers/simulated/")) return "davy-sim";
  const std::string_view top = top_of(path);
  if (top == "firmware" || top == "gateway" || top == "drivers") return "davy-gateway";
  return top == "host" ? "davy-host" : "";
}

struct Event {
  std::string_view path;
  std::size_t line = 0;
  std::set<std::string> levels;
  std::set<std::string> fields;
};
// By program and name.
using Events = std::map<std::pair<std::string_view, std::string>, Event>;

std::string word_at(std::string_view text, std::size_t at) {
  const auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), [](char c) {
    return c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9');
  });
  return {text.begin() + static_cast<std::ptrdiff_t>(at), end};
}

// The text of a call from behind its opening bracket to its closing one, which may stand lines below.
std::string call_from(const File& file, std::size_t number, std::size_t at) {
  std::string out;
  int depth = 1;
  bool quoted = false;
  for (; number < file.lines.size(); ++number, at = 0) {
    const std::string& line = file.lines[number];
    for (std::size_t i = line.find_first_not_of(' ', at); i < line.size(); ++i) {
      const char c = line[i];
      if (c == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
      if (!quoted && c == '(') ++depth;
      if (!quoted && c == ')' && --depth == 0) return out;
      out += c;
    }
  }
  return out;
}

void add_call(const File& file, std::size_t number, const std::string& level, const std::string& call,
              Events& events, Findings& out) {
  if (!call.starts_with('"')) {
    out.push_back({file.path, number + 1, "log event",
                   "write the event's name into the call itself, so that it can be found and documented"});
    return;
  }
  const std::string name = word_at(call, 1);
  Event& event = events[{program_of(file.path), name}];
  if (event.line == 0) event = {file.path, number + 1, {}, {}};
  event.levels.insert(level);
  for (std::size_t at = call.find("{\""); at != std::string::npos; at = call.find("{\"", at + 2)) {
    event.fields.insert(word_at(call, at + 2));
  }
}

Events written_events(const Tree& tree, Findings& out) {
  Events events;
  for (const File& file : tree.files) {
    if (!is_cpp(file.path) || file.path.starts_with("tests/")) continue;
    if (file.path.starts_with("proto/base/log.")) continue;  // where log is made
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (code_part(file.lines[i]).find("log::") == std::string::npos) continue;
      for (const std::string_view level : levels) {
        const std::string start = "log::" + std::string{level} + "(";
        const std::size_t at = file.lines[i].find(start);
        if (at == std::string::npos) continue;
        add_call(file, i, std::string{level}, call_from(file, i, at + start.size()), events, out);
      }
    }
  }
  return events;
}

// A span between backticks of the form `level event key= key=`.
struct Entry {
  std::string level, name;
  std::vector<std::string> fields;
};

std::optional<Entry> read_entry(std::string_view span) {
  const auto* level = std::ranges::find_if(levels, [&](std::string_view l) {
    return span.starts_with(l) && span.substr(l.size()).starts_with(' ');
  });
  if (level == std::end(levels)) return std::nullopt;
  Entry entry{std::string{*level}, word_at(span, level->size() + 1), {}};
  if (entry.name.empty()) return std::nullopt;
  for (std::size_t at = span.find('='); at != std::string_view::npos; at = span.find('=', at + 1)) {
    const std::size_t before = span.rfind(' ', at);
    if (before != std::string_view::npos) entry.fields.emplace_back(span.substr(before + 1, at - before - 1));
  }
  return entry;
}

// The documented events of one line of the document.
std::vector<Entry> entries_of(std::string_view line) {
  std::vector<Entry> out;
  for (std::size_t at = line.find('`'); at != std::string_view::npos; at = line.find('`', at)) {
    const std::size_t end = line.find('`', at + 1);
    if (end == std::string_view::npos) break;
    if (auto entry = read_entry(line.substr(at + 1, end - at - 1))) out.push_back(std::move(*entry));
    at = end + 1;
  }
  return out;
}

void check_entry(const Entry& entry, std::string_view program, std::size_t number, const Events& written,
                 Findings& out) {
  const auto complain = [&](const std::string& what) {
    out.push_back(
        {std::string{document}, number, "log event",
         "`" + entry.level + " " + entry.name + "` in the section of " + std::string{program} + ": " + what});
  };
  auto event = written.find({program, entry.name});
  if (event == written.end()) event = written.find({"", entry.name});
  if (event == written.end()) return complain("this program writes no such line; take it out");
  if (!event->second.levels.contains(entry.level))
    complain("it is written at level " + *event->second.levels.begin());
  for (const std::string& field : entry.fields) {
    if (!event->second.fields.contains(field)) complain("it has no field " + field);
  }
}

}  // namespace

void check_events(const Tree& tree, Findings& out) {
  const Events written = written_events(tree, out);
  const File* file = tree.find(document);
  std::set<std::pair<std::string, std::string>> told;
  std::string program;
  for (std::size_t i = 0; file != nullptr && i < file->lines.size(); ++i) {
    const std::string& line = file->lines[i];
    if (line.starts_with("## ")) program = line.substr(3);
    if (!program.starts_with("davy-")) continue;
    for (const Entry& entry : entries_of(line)) {
      check_entry(entry, program, i + 1, written, out);
      told.emplace(program, entry.name);
      told.emplace("", entry.name);
    }
  }
  for (const auto& [key, event] : written) {
    if (told.contains({std::string{key.first}, key.second})) continue;
    out.push_back({std::string{event.path}, event.line, "log event",
                   "'" + key.second + "' is not in " + std::string{document} + ": add the symptom, `" +
                       *event.levels.begin() + " " + key.second + " field= ...`, the cause and the action"});
  }
}

}  // namespace davy::tidy
