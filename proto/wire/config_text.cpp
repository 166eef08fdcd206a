#include "proto/wire/config_text.hpp"

#include <algorithm>
#include <cmath>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "proto/base/assert.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

namespace pb = google::protobuf;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr int nesting_max = 32;
constexpr std::size_t problems_max = 100;  // nobody reads more at once
constexpr std::size_t config_text_size_max =
    4096;  // of one string; those that travel are checked more closely

TextPlace place_from(pb::TextFormat::ParseLocation at) { return {at.line + 1, at.column + 1}; }

// What stands between the n-th pair of quotes.
std::string between_quotes(const std::string& text, int n) {
  std::size_t from = 0;
  for (int i = 0;; ++i) {
    const auto open = text.find('"', from);
    const auto close = open == std::string::npos ? open : text.find('"', open + 1);
    if (close == std::string::npos) return {};
    if (i == n) return text.substr(open + 1, close - open - 1);
    from = close + 1;
  }
}

std::vector<std::string> field_names(const pb::Descriptor& type) {
  std::vector<std::string> out;
  for (int i = 0; i < type.field_count(); ++i) out.push_back(type.field(i)->name());
  return out;
}

}  // namespace

const pb::FieldDescriptor& ConfigNode::descriptor(const char* field) const {
  const auto* found = message_->GetDescriptor()->FindFieldByName(field);
  DAVY_ASSERT(found != nullptr);
  return *found;
}

ConfigNode ConfigNode::child(const char* field, int index) const {
  const auto& of = descriptor(field);
  const auto& reflection = *message_->GetReflection();
  ConfigNode out = *this;
  out.message_ = index < 0 ? &reflection.GetMessage(*message_, &of)
                           : &reflection.GetRepeatedMessage(*message_, &of, index);
  out.place_ = place_of(field, index);
  const bool given = index >= 0 || reflection.HasField(*message_, &of);
  out.tree_ = tree_ != nullptr && given ? tree_->GetTreeForNested(&of, index) : nullptr;
  out.path_ = path_of(field, index);
  return out;
}

std::string ConfigNode::path_of(const char* field, int index) const {
  std::string out = path_.empty() ? field : path_ + "." + field;
  if (index >= 0) out += "[" + std::to_string(index) + "]";
  return out;
}

TextPlace ConfigNode::place_of(const char* field, int index) const {
  const auto& of = descriptor(field);
  if (tree_ == nullptr || (of.is_repeated() && index < 0)) return place_;
  const auto at = tree_->GetLocation(&of, index);
  return at.line < 0 ? place_ : place_from(at);
}

// Takes what the parser says. An unknown field is a warning there, so that the rest is checked too; for us it
// is a problem like the others. The parser names the place behind a word it does not like; people look for
// the word itself.
class ConfigText::Collector : public pb::io::ErrorCollector {
 public:
  Collector(ConfigText& config, std::string_view text) : config_{config}, text_{text} {}

  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    config_.add(place_of_word({line, column}, between_quotes(message, 0)), "", message);
  }
  void AddWarning(int line, pb::io::ColumnNumber column, const std::string& message) override {
    const std::string type = between_quotes(message, 0);
    const std::string field = between_quotes(message, 1);
    const auto* known = pb::DescriptorPool::generated_pool()->FindMessageTypeByName(type);
    if (known == nullptr || field.empty()) return AddError(line, column, message);
    config_.add(place_of_word({line, column}, field), field,
                "there is no such field here" + suggestion(field, field_names(*known)));
  }

 private:
  // Where `word` begins when nothing but punctuation stands between it and `behind`; else `behind`.
  TextPlace place_of_word(pb::TextFormat::ParseLocation behind, const std::string& word) const {
    const TextPlace fallback{std::max(behind.line, 0) + 1, std::max(behind.column, 0) + 1};
    std::size_t line_start = 0;
    for (int line = 1; line < fallback.line; ++line) {
      line_start = text_.find('\n', line_start) + 1;
      if (line_start == 0) return fallback;
    }
    const std::size_t offset =
        std::min(line_start + static_cast<std::size_t>(fallback.column - 1), text_.size());
    const std::size_t found = word.empty() ? std::string_view::npos : text_.substr(0, offset).rfind(word);
    if (found == std::string_view::npos) return fallback;
    const auto between = text_.substr(found + word.size(), offset - found - word.size());
    if (between.find_first_not_of(" \t\r\n:{<") != std::string_view::npos) return fallback;
    const auto before = text_.substr(0, found);
    const auto newline = before.rfind('\n');
    const std::size_t column = found - (newline == std::string_view::npos ? 0 : newline + 1);
    return {static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(column) + 1};
  }

  ConfigText& config_;
  std::string_view text_;
};

bool ConfigText::parse(std::string_view text, pb::Message& out) {
  if (text.size() > config_size_max) {
    add({}, "", "longer than " + std::to_string(config_size_max) + " bytes");
    return false;
  }
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Collector collector{*this, text};
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree_);
  parser.AllowPartialMessage(true);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(nesting_max);
  pb::io::ArrayInputStream stream{text.data(), static_cast<int>(text.size())};
  if (!parser.Parse(&stream, &out)) return false;
  check_generally(root(out));
  return true;
}

void ConfigText::check_generally(const ConfigNode& node) {
  const auto& type = *node.message().GetDescriptor();
  const auto& reflection = *node.message().GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.is_repeated()) {
      const int size = reflection.FieldSize(node.message(), &field);
      for (int index = 0; index < size; ++index) check_value(node, field, index);
    } else if (reflection.HasField(node.message(), &field)) {
      check_value(node, field, -1);
    } else if (field.is_required()) {
      problem(node, field.name().c_str(), "is missing");
    }
  }
}

void ConfigText::check_value(const ConfigNode& node, const pb::FieldDescriptor& field, int index) {
  const auto& message = node.message();
  const auto& reflection = *message.GetReflection();
  const char* name = field.name().c_str();
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE)
    return check_generally(node.child(name, index));
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_DOUBLE) {
    const double value = index < 0 ? reflection.GetDouble(message, &field)
                                   : reflection.GetRepeatedDouble(message, &field, index);
    if (!std::isfinite(value)) problem(node, name, "is not a number; give a finite one", index);
  }
  if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING) {
    const std::string value = index < 0 ? reflection.GetString(message, &field)
                                        : reflection.GetRepeatedString(message, &field, index);
    if (is_text(value, config_text_size_max)) return;
    problem(node, name,
            "is not UTF-8, has control characters, or is longer than " +
                std::to_string(config_text_size_max) + " bytes",
            index);
  }
}

void ConfigText::problem(const ConfigNode& node, const char* field, const std::string& what, int index) {
  std::string path = node.path_of(field, index);
  const bool known = std::ranges::any_of(problems_, [&](const Problem& p) { return p.path == path; });
  if (!known) add(node.place_of(field, index), std::move(path), what);
}

void ConfigText::check_range(const ConfigNode& node, const char* field, std::uint64_t value,
                             std::uint64_t low, std::uint64_t high) {
  if (value >= low && value <= high) return;
  problem(
      node, field,
      "is " + std::to_string(value) + "; it must be " + std::to_string(low) + " to " + std::to_string(high));
}

void ConfigText::add(TextPlace place, std::string path, std::string what) {
  if (problems_.size() <= problems_max) problems_.push_back({place, std::move(path), std::move(what)});
}

Status ConfigText::status() const {
  if (ok()) return {};
  auto sorted = problems_;
  std::ranges::stable_sort(sorted, [](const Problem& a, const Problem& b) {
    return std::pair{a.place.line, a.place.column} < std::pair{b.place.line, b.place.column};
  });
  const bool more = sorted.size() > problems_max;
  if (more) sorted.pop_back();
  std::string out;
  for (const Problem& p : sorted) {
    if (!out.empty()) out += '\n';
    out += file_ + ":" + std::to_string(p.place.line) + ":" + std::to_string(p.place.column) + ": ";
    out += p.path.empty() ? p.what : p.path + ": " + p.what;
  }
  if (more) out += "\n" + file_ + ": there is more; correct these first";
  for (const std::string& text : elsewhere_) out += out.empty() ? text : "\n" + text;
  return fail(Errc::bad_config, out);
}

}  // namespace davy
