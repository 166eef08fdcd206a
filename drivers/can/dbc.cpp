#include "drivers/can/dbc.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "drivers/can/dbc_statements.hpp"
#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string from_latin1(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x80U) {
      text += c;
    } else {
      text += static_cast<char>(0xC0U | (code >> 6U));
      text += static_cast<char>(0x80U | (code & 0x3FU));
    }
  }
  return text;
}

Result<Dbc> too_long(const std::string& file) {
  return fail(Errc::bad_config, file + ": longer than " + std::to_string(dbc_size_max) +
                                    " bytes; take out the messages that nobody needs");
}

}  // namespace

namespace dbc {

void Problems::add(Place place, const std::string& what) {
  if (!many()) found_.emplace_back(place, what);
}

Error Problems::error() const {
  auto sorted = found_;
  std::ranges::stable_sort(sorted, {}, [](const auto& problem) {
    return std::pair{problem.first.line, problem.first.column};
  });
  std::string lines;
  for (const auto& [place, what] : sorted) {
    lines += (lines.empty() ? "" : "\n") + file_ + ":" + std::to_string(place.line) + ":" +
             std::to_string(place.column) + ": " + what;
  }
  return {Errc::bad_config, lines};
}

void Statements::skip(std::string_view what, Place place) {
  constexpr std::size_t kinds_max = 64;
  auto same = std::ranges::find(skipped, what, &DbcSkipped::what);
  if (same == skipped.end() && skipped.size() == kinds_max) same = skipped.end() - 1;
  if (same == skipped.end()) {
    skipped.push_back({std::string{what}, 0, place.line});
    same = skipped.end() - 1;
  }
  ++same->count;
}

}  // namespace dbc

std::string_view DbcSignal::text_of(std::int64_t raw) const {
  if (texts == nullptr) return {};
  const auto found = std::ranges::find(*texts, raw, &DbcTexts::value_type::first);
  return found == texts->end() ? std::string_view{} : found->second;
}

std::optional<std::size_t> DbcMessage::find(std::string_view signal) const {
  const auto found = std::ranges::find(signals, signal, &DbcSignal::name);
  if (found == signals.end()) return std::nullopt;
  return static_cast<std::size_t>(found - signals.begin());
}

const DbcMessage* Dbc::find(CanId id) const {
  const auto found = std::ranges::find(messages, id, &DbcMessage::id);
  return found == messages.end() ? nullptr : &*found;
}

const DbcMessage* Dbc::find(std::string_view message) const {
  const auto found = std::ranges::find(messages, message, &DbcMessage::name);
  return found == messages.end() ? nullptr : &*found;
}

Result<Dbc> parse_dbc(std::string_view text, const std::string& file) {
  if (text.size() > dbc_size_max) return too_long(file);
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::string converted;
  if (!is_utf8(text)) {
    converted = from_latin1(text);
    text = converted;
  }
  dbc::Problems problems{file};
  dbc::Statements statements = dbc::read_statements(text, problems);
  if (!problems.ok()) return fail(problems.error());
  Dbc joined = dbc::join(std::move(statements), problems);
  if (!problems.ok()) return fail(problems.error());
  if (joined.messages.empty()) {
    return fail(Errc::bad_config, file + ":1:1: no message (BO_) in it; is it a DBC file?");
  }
  return joined;
}

Result<Dbc> read_dbc(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::string text;
  if (in) {
    text.resize(dbc_size_max + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
  }
  if (!in.eof() && text.size() <= dbc_size_max) {
    return fail(Errc::bad_config, file + ": cannot be read; is the path right, and may Davy read it?");
  }
  return parse_dbc(text, file);
}

}  // namespace davy
