#include <algorithm>
#include <array>

#include "tests/tidy/rules.hpp"

namespace davy::tidy {
namespace {

constexpr std::size_t lines_max = 400;
constexpr std::size_t columns_max = 110;

constexpr std::string_view root_entries[] = {
    "CMakeLists.txt", "CMakePresets.json", "CHANGELOG.md", "LICENSE", "README.md", "dev", "firmware",
    "gateway", "host", "drivers", "proto", "toolchains", "tests", "docs",
    // What tools of a developer may put there; .gitignore names it too.
    "compile_commands.json"};

// Characters, not bytes: a Chinese word is as long as it looks to its reader.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_snake_case(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

void check_sizes(const File& file, Findings& out) {
  if (file.lines.size() > lines_max) {
    out.push_back({file.path, 0, "file size",
                   std::to_string(file.lines.size()) + " lines, " + std::to_string(lines_max) +
                       " at most: it does more than one thing; split it along that seam"});
  }
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    if (columns(file.lines[i]) > columns_max) {
      out.push_back({file.path, i + 1, "line length",
                     std::to_string(columns(file.lines[i])) + " columns, " + std::to_string(columns_max) +
                         " at most: break it (./dev format does it for C++)"});
    }
  }
}

void check_cpp_file(const File& file, Findings& out) {
  const std::string_view name = std::string_view{file.path}.substr(folder_of(file.path).size() + 1);
  if (!is_snake_case(name.substr(0, name.find('.')))) {
    out.push_back({file.path, 0, "file name", "files are named in snake_case after their main type"});
  }
  if (is_header(file.path) && std::ranges::find(file.lines, "#pragma once") == file.lines.end()) {
    out.push_back({file.path, 1, "pragma once", "a header begins with #pragma once"});
  }
}

}  // namespace

void check_shape(const Tree& tree, Findings& out) {
  for (const File& file : tree.files) {
    const std::string_view top = top_of(file.path);
    if (!top.starts_with('.') && std::ranges::find(root_entries, top) == std::end(root_entries)) {
      out.push_back({file.path, 0, "root",
                     "'" + std::string{top} + "' has no place in the root: it belongs in a folder"});
    }
    if (file.path.ends_with(".h") || file.path.ends_with(".cc") || file.path.ends_with(".cxx")) {
      out.push_back({file.path, 0, "file name", "our C++ files end in .hpp and .cpp"});
    }
    if (is_code(file.path)) check_sizes(file, out);
    if (is_cpp(file.path)) check_cpp_file(file, out);
  }
}

}  // namespace davy::tidy
