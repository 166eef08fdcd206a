#include "tests/tidy/targets.hpp"

#include <algorithm>
#include <sstream>

namespace davy::tidy {
namespace {

constexpr std::string_view declarations[] = {"davy_library",         "davy_program", "davy_test",
                                             "davy_bench",           "davy_fuzz",    "add_library",
                                             "target_link_libraries"};
constexpr std::string_view keywords[] = {"SOURCES", "LABELS", "STATIC", "INTERFACE", "PUBLIC", "PRIVATE"};

bool is_one_of(std::string_view word, auto& list) { return std::ranges::find(list, word) != std::end(list); }

// The file as words, with brackets standing alone and comments gone.
std::vector<std::string> words_of(const File& file) {
  std::vector<std::string> words;
  for (const std::string& line : file.lines) {
    std::string spaced;
    for (const char c : line.substr(0, line.find('#'))) {
      if (c == '(' || c == ')') {
        spaced += {' ', c, ' '};
      } else {
        spaced += c;
      }
    }
    std::istringstream in{spaced};
    for (std::string word; in >> word;) words.push_back(word);
  }
  return words;
}

}  // namespace

Targets::Targets(const Tree& tree) {
  for (const File& file : tree.files) {
    if (file.path.ends_with("/CMakeLists.txt")) read(file);
  }
}

void Targets::read(const File& file) {
  const auto words = words_of(file);
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (!is_one_of(*word, declarations) || word + 1 == words.end() || word[1] != "(") continue;
    const auto close = std::find(word, words.end(), ")");
    add(std::string{folder_of(file.path)}, {word + 2, close}, *word == "target_link_libraries");
    if (close == words.end()) return;
    word = close;
  }
}

void Targets::add(const std::string& folder, const std::vector<std::string>& words, bool links_only) {
  if (words.empty()) return;
  Target& target = by_name_[words.front()];
  if (target.folder.empty()) {
    target.folder = folder;
    by_folder_[folder].push_back(words.front());
  }
  bool collecting = links_only;
  for (const std::string& word : std::vector(words.begin() + 1, words.end())) {
    if (word == "USES") {
      collecting = true;
    } else if (is_one_of(word, keywords)) {
      collecting = links_only;
    } else if (collecting) {
      target.uses.push_back(word);
    }
  }
}

std::string Targets::owner_of(std::string_view path) const {
  for (std::string folder{folder_of(path)}; !folder.empty(); folder = folder_of(folder)) {
    if (by_folder_.contains(folder)) return folder;
  }
  return {};
}

void Targets::reach(const std::string& name, std::set<std::string>& seen) const {
  if (!seen.insert(name).second) return;
  const auto target = by_name_.find(name);
  if (target == by_name_.end()) return;
  for (const std::string& used : target->second.uses) reach(used, seen);
}

bool Targets::may_use(const std::string& from, const std::string& to) const {
  if (from == to) return true;
  const auto own = by_folder_.find(from);
  const auto theirs = by_folder_.find(to);
  if (own == by_folder_.end() || theirs == by_folder_.end()) return false;
  std::set<std::string> reachable;
  for (const std::string& name : own->second) reach(name, reachable);
  return std::ranges::any_of(theirs->second,
                             [&](const std::string& name) { return reachable.contains(name); });
}

bool Targets::search_ring(const std::string& name, std::vector<std::string>& path,
                          std::set<std::string>& done) const {
  const auto again = std::ranges::find(path, name);
  if (again != path.end()) {
    path.erase(path.begin(), again);
    return true;
  }
  const auto target = by_name_.find(name);
  if (target == by_name_.end() || done.contains(name)) return false;
  path.push_back(name);
  for (const std::string& used : target->second.uses) {
    if (search_ring(used, path, done)) return true;
  }
  path.pop_back();
  done.insert(name);
  return false;
}

std::vector<std::string> Targets::ring() const {
  std::set<std::string> done;
  std::vector<std::string> path;
  for (const auto& [name, target] : by_name_) {
    if (search_ring(name, path, done)) return path;
  }
  return {};
}

}  // namespace davy::tidy
