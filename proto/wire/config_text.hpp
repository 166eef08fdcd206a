#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include "proto/base/result.hpp"

// Configuration files: protobuf text format with all problems told at once, each with its place. Not for
// other folders.
namespace davy {

inline constexpr std::size_t config_size_max = 4 * 1024 * 1024;

struct TextPlace {
  int line = 1;  // from 1, as editors count
  int column = 1;
};

// One message of a parsed file with its path and place in the text. Cheap to copy; lives as long as its
// ConfigText.
class ConfigNode {
 public:
  ConfigNode(const google::protobuf::Message& message,
             const google::protobuf::TextFormat::ParseInfoTree& tree)
      : message_{&message}, tree_{&tree} {}

  // A message inside: child("bus", 0). `index` only for repeated fields.
  ConfigNode child(const char* field, int index = -1) const;
  // "bus[0].name"
  std::string path_of(const char* field, int index = -1) const;
  // Of the field; of this message when the field was not given.
  TextPlace place_of(const char* field, int index = -1) const;
  const google::protobuf::Message& message() const { return *message_; }

 private:
  const google::protobuf::FieldDescriptor& descriptor(const char* field) const;

  const google::protobuf::Message* message_;
  const google::protobuf::TextFormat::ParseInfoTree*
      tree_;  // null: nothing is known, the place stands for all
  std::string path_;
  TextPlace place_;
};

// A file being checked: parses it and gathers what is wrong.
class ConfigText {
 public:
  explicit ConfigText(std::string file) : file_{std::move(file)} {}

  // Fills `out` and finds syntax errors, unknown and missing fields, numbers that are not finite, texts that
  // are none. False when so much is broken that nothing further can be checked.
  bool parse(std::string_view text, google::protobuf::Message& out);
  // Of the message that was parsed.
  ConfigNode root(const google::protobuf::Message& parsed) const { return {parsed, tree_}; }

  // Only the first problem of a field is kept: the others mostly follow from it.
  void problem(const ConfigNode& node, const char* field, const std::string& what, int index = -1);
  // Number of a field within low to high, both included.
  void check_range(const ConfigNode& node, const char* field, std::uint64_t value, std::uint64_t low,
                   std::uint64_t high);
  // Problems of another file that this one needs; told after those of this file.
  void add_elsewhere(const Error& error) { elsewhere_.push_back(error.message); }

  bool ok() const { return problems_.empty() && elsewhere_.empty(); }
  // bad_config with one line a problem, in the order of the file.
  Status status() const;
  const std::string& file() const { return file_; }

 private:
  struct Problem {
    TextPlace place;
    std::string path;
    std::string what;
  };
  class Collector;

  void check_generally(const ConfigNode& node);
  void check_value(const ConfigNode& node, const google::protobuf::FieldDescriptor& field, int index);
  void add(TextPlace place, std::string path, std::string what);

  std::string file_;
  google::protobuf::TextFormat::ParseInfoTree tree_;
  std::vector<Problem> problems_;
  std::vector<std::string> elsewhere_;
};

// The whole file. Errors are bad_config and name the file.
Result<std::string> read_config_file(const std::string& file);
// A path as a file's author means it: relative to that file. Empty stays empty.
std::string path_beside(const std::string& file, const std::string& path);

// "; did you mean "x"?" for the candidate nearest to a misspelt word, or nothing when none is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);
std::string in_quotes(std::string_view word);
std::string number_text(double number);  // as short as it can be read back

}  // namespace davy
