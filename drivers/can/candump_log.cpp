#include "drivers/can/candump_log.hpp"

#include <charconv>

#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::size_t interface_name_max = 15;

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_{text} { skip_blanks(); }

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool next_is(char c) const { return rest_.starts_with(c); }

  // Up to the next blank.
  std::string_view word() {
    const std::size_t end = std::min(rest_.find_first_of(" \t\r"), rest_.size());
    const std::string_view out = rest_.substr(0, end);
    rest_.remove_prefix(end);
    skip_blanks();
    return out;
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r"), rest_.size())); }

  std::string_view rest_;
};

std::optional<std::uint32_t> number_of(std::string_view digits, int base) {
  std::uint32_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number, base);
  if (digits.empty() || stop != end || error != std::errc{}) return std::nullopt;
  return number;
}

// "1583281798.617000"
std::optional<std::int64_t> microseconds_of(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos || text.size() - dot - 1 != 6) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + dot, seconds);
  const auto micros = number_of(text.substr(dot + 1), 10);
  constexpr std::int64_t seconds_max = 1'000'000'000'000;
  if (stop != text.data() + dot || error != std::errc{} || !micros || seconds < 0 || seconds > seconds_max) {
    return std::nullopt;
  }
  return seconds * 1'000'000 + *micros;
}

// Three hexadecimal digits, or eight for an extended id.
std::optional<CanId> id_of(std::string_view digits) {
  const auto number = number_of(digits, 16);
  if (!number || (digits.size() != 3 && digits.size() != 8)) return std::nullopt;
  const CanId id{.number = *number, .extended = digits.size() == 8};
  return is_possible(id) ? std::optional{id} : std::nullopt;
}

bool append(CanFrame& frame, std::string_view two_digits) {
  const auto byte = number_of(two_digits, 16);
  if (two_digits.size() != 2 || !byte || frame.size == can_data_max) return false;
  frame.data[frame.size++] = static_cast<std::uint8_t>(*byte);
  return true;
}

// "0DFD0216#FFA4...", "123#R", or "123##1FFA4..." of CAN FD, whose first digit are flags.
bool read_compact(std::string_view text, CanFrame& out) {
  const std::size_t hash = text.find('#');
  const auto id = id_of(text.substr(0, hash));
  if (!id) return false;
  out.id = *id;
  std::string_view data = text.substr(hash + 1);
  if (data.starts_with('R')) {
    out.remote = true;
    return data.size() <= 2;
  }
  std::size_t size_max = 8;
  if (data.starts_with('#')) {
    if (data.size() < 2) return false;
    data.remove_prefix(2);
    size_max = can_data_max;
  }
  for (; !data.empty(); data.remove_prefix(std::min<std::size_t>(2, data.size()))) {
    if (data.starts_with('.')) data.remove_prefix(1);
    if (!append(out, data.substr(0, 2))) return false;
  }
  return out.size <= size_max;
}

// "[8]  FF A4 01 ..." or "[0]  remote request"; what stands behind the bytes, such as their letters, is not
// read.
bool read_spaced(Cursor& cursor, CanFrame& out) {
  std::string_view size_text = cursor.word();
  if (!size_text.starts_with('[') || !size_text.ends_with(']') || size_text.size() < 3) return false;
  const auto size = number_of(size_text.substr(1, size_text.size() - 2), 10);
  if (!size || *size > can_data_max) return false;
  if (cursor.rest().starts_with("remote request")) {
    out.remote = true;
    return true;
  }
  for (std::uint32_t i = 0; i < *size; ++i) {
    if (!append(out, cursor.word())) return false;
  }
  return true;
}

std::unexpected<Error> refuse(std::string_view line, const char* why) {
  return fail(Errc::bad_data, std::string{why} + " in \"" + clean_text(line, 100) +
                                  "\"; this is no line that candump writes");
}

}  // namespace

Result<std::optional<RecordedFrame>> read_candump_line(std::string_view line) {
  Cursor cursor{line};
  RecordedFrame out;
  if (cursor.done() || cursor.next_is('#') || line.starts_with("interface = ")) return std::nullopt;
  if (cursor.next_is('<')) {
    const std::string_view id = cursor.word();
    if (!id.starts_with("<0x") || !id.ends_with('>')) return refuse(line, "no id");
    const auto read = id_of(id.substr(3, id.size() - 4));
    if (!read) return refuse(line, "no id of 3 or 8 digits");
    out.frame.id = *read;
    if (!read_spaced(cursor, out.frame)) return refuse(line, "no size and as many bytes");
    return out;
  }
  if (cursor.next_is('(')) {
    std::string_view time = cursor.word();
    if (time.ends_with(')')) out.time_us = microseconds_of(time.substr(1, time.size() - 2));
    if (!out.time_us) return refuse(line, "no time");
  }
  out.interface = std::string{cursor.word()};
  if (out.interface.empty() || out.interface.size() > interface_name_max) return refuse(line, "no interface");
  const std::string_view word = cursor.word();
  if (word.find('#') != std::string_view::npos) {
    if (!read_compact(word, out.frame)) return refuse(line, "no frame");
    return out;
  }
  const auto id = id_of(word);
  if (!id) return refuse(line, "no id of 3 or 8 digits");
  out.frame.id = *id;
  if (!read_spaced(cursor, out.frame)) return refuse(line, "no size and as many bytes");
  return out;
}

}  // namespace davy
