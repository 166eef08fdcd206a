#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace davy::tidy {

struct File {
  std::string path;  // from the root, with '/'
  std::vector<std::string> lines;
};

// The whole project as text. Tests of the rules write small ones by hand.
struct Tree {
  std::vector<File> files;

  const File* find(std::string_view path) const;
  bool has_folder(std::string_view path) const;
};

// One broken rule. Line 0 means the file as a whole.
struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string rule;    // a short name that stays the same
  std::string advice;  // what is wrong and what to do instead

  std::string text() const;
};
using Findings = std::vector<Finding>;

// Reads the text files that belong to the project: nothing that is built, downloaded or hidden (but for .ci).
Tree read_tree(const std::filesystem::path& root);

File make_file(std::string path, std::string_view text);

// "" for a file in the root.
std::string_view folder_of(std::string_view path);
// Its first folder, or the file's own name in the root.
std::string_view top_of(std::string_view path);

bool is_cpp(std::string_view path);     // our C++: .cpp and .hpp
bool is_header(std::string_view path);  // .hpp
bool is_code(
    std::string_view path);  // C++ and every other language in the tree, schemas and scripts included

// The line without its // comment and without what stands in string literals: what the compiler acts on.
std::string code_part(std::string_view line);

}  // namespace davy::tidy
