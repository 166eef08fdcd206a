#include "tests/tidy/tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace davy::tidy {
namespace {

constexpr std::size_t file_bytes_max = 1U << 20U;  // larger ones are data, not text for people

constexpr std::array skipped_folders = {"build", "node_modules", "dist", "test-results"};
constexpr std::array code_endings = {".cpp", ".hpp", ".h",  ".cc",  ".proto", ".cmake", ".sh",
                                     ".py",  ".ts",  ".js", ".mjs", ".tsx",   ".css"};

bool skipped(const std::filesystem::path& folder) {
  const std::string name = folder.filename().string();
  if (name == ".ci") return false;
  return name.starts_with('.') || std::ranges::find(skipped_folders, name) != skipped_folders.end();
}

// Git keeps a file of this name in a second working tree.
bool ours(const std::filesystem::path& file) { return file.filename() != ".git"; }

}  // namespace

const File* Tree::find(std::string_view path) const {
  const auto found = std::ranges::find(files, path, &File::path);
  return found == files.end() ? nullptr : &*found;
}

bool Tree::has_folder(std::string_view path) const {
  const std::string prefix = std::string{path} + "/";
  return std::ranges::any_of(files, [&](const File& file) { return file.path.starts_with(prefix); });
}

std::string Finding::text() const {
  const std::string place = line == 0 ? path : path + ":" + std::to_string(line);
  return place + ": [" + rule + "] " + advice;
}

Tree read_tree(const std::filesystem::path& root) {
  Tree tree;
  for (auto entry = std::filesystem::recursive_directory_iterator{root}; entry != std::filesystem::end(entry);
       ++entry) {
    if (entry->is_directory()) {
      if (skipped(entry->path())) entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !ours(entry->path()) || entry->file_size() > file_bytes_max) continue;
    std::ifstream in{entry->path(), std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (text.find('\0') != std::string::npos) continue;  // not text
    tree.files.push_back(make_file(entry->path().lexically_relative(root).generic_string(), text));
  }
  std::ranges::sort(tree.files, {}, &File::path);
  return tree;
}

File make_file(std::string path, std::string_view text) {
  File file{std::move(path), {}};
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    file.lines.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return file;
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view top_of(std::string_view path) { return path.substr(0, path.find('/')); }

bool is_header(std::string_view path) { return path.ends_with(".hpp"); }

bool is_cpp(std::string_view path) { return is_header(path) || path.ends_with(".cpp"); }

bool is_code(std::string_view path) {
  const auto ends = [&](const char* ending) { return path.ends_with(ending); };
  return std::ranges::any_of(code_endings, ends) || path.ends_with("CMakeLists.txt") || path == "dev" ||
         path == ".ci/run";
}

std::string code_part(std::string_view line) {
  if (line.find("#include") != std::string_view::npos) return std::string{line};
  std::string code;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
      code += '"';
    } else if (!quoted && line.substr(i, 2) == "//") {
      break;
    } else if (!quoted) {
      code += line[i];
    }
  }
  return code;
}

}  // namespace davy::tidy
