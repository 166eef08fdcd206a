#include <algorithm>
#include <cctype>
#include <set>

#include "tests/tidy/rules.hpp"

namespace davy::tidy {
namespace {

// A text about Davy speaks of Davy, not of how and where the text was made. In halves, so that this file
// passes too.
const std::string foreign_words[] = {
    std::string{"/wo"} + "rk/",      std::string{"/ro"} + "ot/",   std::string{"cla"} + "ude",
    std::string{"anth"} + "ropic",   std::string{"chat"} + "gpt",  std::string{"language "} + "model",
    std::string{"as an "} + "ai",    std::string{"sub"} + "agent", std::string{"brief.m"} + "d",
    std::string{"lorem "} + "ipsum",
};

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// How a heading becomes the part of a link behind '#'.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : lower(heading)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80U) anchor += c;
  }
  return anchor;
}

std::set<std::string> anchors_of(const File& file) {
  std::set<std::string> anchors;
  for (const std::string& line : file.lines) {
    const std::size_t text = line.find_first_not_of('#');
    if (text != 0 && text != std::string::npos && line[text] == ' ') {
      anchors.insert(anchor_of(std::string_view{line}.substr(text + 1)));
    }
  }
  return anchors;
}

// Removes `.` and `..`; "" when the path leaves the tree.
std::string resolved(std::string_view folder, std::string_view link) {
  const auto path = (std::filesystem::path{folder} / link).lexically_normal().generic_string();
  if (path.starts_with("..")) return {};
  return path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

void check_link(const Tree& tree, const File& file, std::size_t number, std::string_view link,
                Findings& out) {
  if (link.find("://") != std::string_view::npos || link.starts_with("mailto:")) return;
  const std::size_t hash = link.find('#');
  const std::string_view target = link.substr(0, hash);
  const std::string path = target.empty() ? file.path : resolved(folder_of(file.path), target);
  const File* there = tree.find(path);
  const bool is_there = there != nullptr || path == "." || (!path.empty() && tree.has_folder(path));
  if (!is_there) {
    out.push_back({file.path, number, "link", "'" + std::string{link} + "' leads nowhere: mend the path"});
  } else if (hash != std::string_view::npos && there != nullptr &&
             !anchors_of(*there).contains(std::string{link.substr(hash + 1)})) {
    out.push_back({file.path, number, "link", "'" + std::string{link} + "': no such heading there"});
  }
}

void check_links(const Tree& tree, const File& file, Findings& out) {
  bool quoting = false;
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string_view line = file.lines[i];
    if (line.starts_with("```")) quoting = !quoting;
    if (quoting) continue;
    for (std::size_t at = line.find("]("); at != std::string_view::npos; at = line.find("](", at + 2)) {
      const std::size_t end = line.find(')', at);
      if (end != std::string_view::npos)
        check_link(tree, file, i + 1, line.substr(at + 2, end - at - 2), out);
    }
  }
}

}  // namespace

void check_documents(const Tree& tree, Findings& out) {
  for (const File& file : tree.files) {
    if (file.path.ends_with(".md")) check_links(tree, file, out);
    if (file.path.ends_with("package-lock.json")) continue;  // names of others' packages
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string line = lower(file.lines[i]);
      for (const std::string& word : foreign_words) {
        if (line.find(word) == std::string::npos) continue;
        out.push_back(
            {file.path, i + 1, "foreign word", "'" + word + "': the text is about Davy; say it without"});
      }
    }
  }
}

}  // namespace davy::tidy
