#include <algorithm>
#include <optional>

#include "tests/tidy/rules.hpp"
#include "tests/tidy/targets.hpp"

namespace davy::tidy {
namespace {

// What a top folder may include beside itself. `tests` may include everything, nobody may include `tests`.
struct Reach {
  std::string_view folder;
  std::string_view may_include;  // words
  std::string_view why;
};

constexpr Reach reaches[] = {
    {"proto", "", "proto is what both ends agree on: it knows neither of them"},
    {"drivers", "proto", "a driver knows how to ask a device, and nothing of who asks"},
    {"gateway", "proto drivers",
     "gateway and host never include each other: what both need belongs in proto"},
    {"firmware", "proto drivers gateway",
     "firmware is where the gateway runs: it knows nothing of the surface"},
    {"host", "proto", "gateway and host never include each other: what both need belongs in proto"},
};

// The text between the quotes of an #include of ours.
std::optional<std::string_view> included(std::string_view line) {
  const std::size_t hash = line.find_first_not_of(' ');
  if (hash == std::string_view::npos || !line.substr(hash).starts_with("#include \"")) return std::nullopt;
  const std::size_t begin = hash + std::string_view{"#include \""}.size();
  const std::size_t end = line.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(begin, end - begin);
}

bool has_word(std::string_view words, std::string_view word) {
  return (" " + std::string{words} + " ").find(" " + std::string{word} + " ") != std::string::npos;
}

// One include of one product file.
class IncludeCheck {
 public:
  IncludeCheck(const Tree& tree, const Targets& targets, Findings& out)
      : tree_{tree}, targets_{targets}, out_{out} {}

  void check(const File& file, std::size_t number, const std::string& path) {
    const bool generated = path.starts_with("proto/wire/") && path.ends_with(".pb.h");
    if (!generated && tree_.find(path) == nullptr) {
      return add(file, number, "include path", "'" + path + "' is no file: write the path from the root");
    }
    const std::string_view from = top_of(file.path);
    const auto reach = std::ranges::find(reaches, from, &Reach::folder);
    if (reach == std::end(reaches)) return;
    if (const auto to = top_of(path); to != from && !has_word(reach->may_include, to)) {
      return add(file, number, "direction",
                 std::string{from} + " includes " + path + ": " + std::string{reach->why});
    }
    check_uses(file, number, path);
  }

 private:
  void check_uses(const File& file, std::size_t number, const std::string& path) {
    const std::string own = targets_.owner_of(file.path);
    const std::string other = targets_.owner_of(path);
    if (own.empty() || other.empty() || targets_.may_use(own, other)) return;
    add(file, number, "uses",
        path + " is not in reach of " + own + "/CMakeLists.txt: name its target in USES, or do without");
  }

  void add(const File& file, std::size_t number, std::string rule, std::string advice) {
    out_.push_back({file.path, number, std::move(rule), std::move(advice)});
  }

  const Tree& tree_;
  const Targets& targets_;
  Findings& out_;
};

}  // namespace

void check_directions(const Tree& tree, Findings& out) {
  const Targets targets{tree};
  IncludeCheck includes{tree, targets, out};
  for (const File& file : tree.files) {
    if (!is_cpp(file.path)) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      if (const auto path = included(file.lines[i])) includes.check(file, i + 1, std::string{*path});
    }
  }

  const auto ring = targets.ring();
  if (ring.empty()) return;
  std::string names;
  for (const std::string& name : ring) names += name + " -> ";
  out.push_back({"CMakeLists.txt", 0, "ring",
                 names + ring.front() +
                     ": data flows one way; give the later stage a port and let the earlier call it"});
}

}  // namespace davy::tidy
