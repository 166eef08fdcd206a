#include "firmware/tool/words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <span>

namespace davy {
namespace {

// An enumerator and its word.
template <typename E>
struct Named {
  std::string_view word;
  E value;
};

constexpr Named<Parity> parities[] = {
    {"none", Parity::none}, {"even", Parity::even}, {"odd", Parity::odd},
    {"n", Parity::none},    {"e", Parity::even},    {"o", Parity::odd},
};
constexpr Named<RegisterTable> tables[] = {
    {"coil", RegisterTable::coil},       {"discrete", RegisterTable::discrete_input},
    {"holding", RegisterTable::holding}, {"input", RegisterTable::input},
    {"1", RegisterTable::coil},          {"2", RegisterTable::discrete_input},
    {"3", RegisterTable::holding},       {"4", RegisterTable::input},
};
constexpr Named<Encoding> encodings[] = {
    {"bit", Encoding::bit},         {"bits", Encoding::bits},   {"u16", Encoding::u16},
    {"s16", Encoding::s16},         {"u32", Encoding::u32},     {"s32", Encoding::s32},
    {"float32", Encoding::float32}, {"bcd16", Encoding::bcd16}, {"float", Encoding::float32},
};
constexpr Named<WordOrder> orders[] = {{"abcd", WordOrder::abcd},
                                       {"cdab", WordOrder::cdab},
                                       {"badc", WordOrder::badc},
                                       {"dcba", WordOrder::dcba}};
constexpr Named<QualityFlag> flags[] = {
    {"over_range", QualityFlag::over_range},
    {"under_range", QualityFlag::under_range},
    {"sensor_fault", QualityFlag::sensor_fault},
    {"disconnected", QualityFlag::disconnected},
    {"calibrating", QualityFlag::calibrating},
    {"warming_up", QualityFlag::warming_up},
    {"low_supply", QualityFlag::low_supply},
    {"inhibited", QualityFlag::inhibited},
    {"forced", QualityFlag::forced},
};
constexpr Named<Counting> countings[] = {
    {"wire", Counting::wire}, {"from-one", Counting::from_one}, {"40001", Counting::modicon}};

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

template <typename E>
Result<E> from_word(std::span<const Named<E>> names, std::string_view text, std::string_view what) {
  const std::string wanted = lower(text);
  std::string list;
  for (const auto& [word, value] : names) {
    if (word == wanted) return value;
    if (word.size() > 1) list += (list.empty() ? "" : ", ") + std::string{word};
  }
  return fail(Errc::bad_data, "'" + std::string{text} + "' is no " + std::string{what} + "; take " + list);
}

template <typename E>
std::string_view word_of(std::span<const Named<E>> names, E value) {
  const auto at = std::ranges::find(names, value, &Named<E>::value);
  return at == names.end() ? std::string_view{} : at->word;
}

// Each part of a list, judged by `from`.
template <typename T, typename From>
Result<std::vector<T>> list_from(std::string_view text, From from) {
  std::vector<T> out;
  for (const std::string& part : split_words(text, ',')) {
    const auto value = from(part);
    if (!value) return fail(value.error());
    if (std::ranges::find(out, *value) == out.end()) out.push_back(*value);
  }
  if (out.empty()) return fail(Errc::bad_data, "the list is empty");
  return out;
}

}  // namespace

std::vector<std::string> split_words(std::string_view text, char at) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Result<std::int64_t> integer_from(std::string_view text, std::int64_t low, std::int64_t high) {
  const std::string range = std::to_string(low) + " to " + std::to_string(high);
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (hex) digits.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, problem] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  const bool whole = problem == std::errc{} && end == digits.data() + digits.size() && value >= 0;
  if (negative) value = -value;
  if (!whole || value < low || value > high)
    return fail(Errc::bad_data, "'" + std::string{text} + "' is no whole number from " + range);
  return value;
}

Result<double> number_from(std::string_view text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return fail(Errc::bad_data, "'" + std::string{text} + "' is no number; write it like 0.1 or -40");
  return value;
}

Result<std::vector<std::uint8_t>> units_from(std::string_view text) {
  std::vector<std::uint8_t> out;
  for (const std::string& part : split_words(text, ',')) {
    const std::size_t dash = part.find('-');
    const auto first = integer_from(part.substr(0, dash), 0, 255);
    const auto last = dash == std::string::npos ? first : integer_from(part.substr(dash + 1), 0, 255);
    if (!first || !last || *last < *first) {
      return fail(Errc::bad_data, "'" + part + "' are no unit ids; take some like 1-32 or 1,3,7-9");
    }
    for (std::int64_t unit = *first; unit <= *last; ++unit) out.push_back(static_cast<std::uint8_t>(unit));
  }
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  if (out.empty()) return fail(Errc::bad_data, "no unit ids are given; take 1-247 or some of them");
  return out;
}

Result<std::vector<std::uint32_t>> bauds_from(std::string_view text) {
  return list_from<std::uint32_t>(text, [](const std::string& part) -> Result<std::uint32_t> {
    const auto baud = integer_from(part, 300, 1'000'000);
    if (!baud) return fail(Errc::bad_data, "'" + part + "' is no baud rate; take 9600, 19200, ...");
    return static_cast<std::uint32_t>(*baud);
  });
}

Result<std::vector<Parity>> parities_from(std::string_view text) {
  return list_from<Parity>(
      text, [](const std::string& part) { return from_word<Parity>(parities, part, "parity"); });
}

Result<TcpSettings> tcp_from(std::string_view text) {
  const std::size_t bracket = text.find(']');
  const std::size_t colon =
      text.starts_with('[') || text.find(':') == text.rfind(':') ? text.rfind(':') : std::string_view::npos;
  const bool with_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string host{text.substr(0, with_port ? colon : text.size())};
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  TcpSettings out{.host = host};
  if (host.empty()) return fail(Errc::bad_data, "the host is missing; write it like 192.168.1.20:502");
  if (!with_port) return out;
  const auto port = integer_from(text.substr(colon + 1), 1, 65535);
  if (!port) return fail(port.error().in("port"));
  out.port = static_cast<std::uint16_t>(*port);
  return out;
}

Result<RegisterTable> table_from(std::string_view text) {
  return from_word<RegisterTable>(tables, text, "table");
}
Result<Encoding> encoding_from(std::string_view text) {
  return from_word<Encoding>(encodings, text, "encoding");
}
Result<WordOrder> word_order_from(std::string_view text) {
  return from_word<WordOrder>(orders, text, "word order");
}
Result<QualityFlag> flag_from(std::string_view text) {
  return from_word<QualityFlag>(flags, text, "quality");
}
Result<Counting> counting_from(std::string_view text) {
  return from_word<Counting>(countings, text, "way to count registers");
}

std::string_view table_word(RegisterTable table) { return word_of<RegisterTable>(tables, table); }
std::string_view encoding_word(Encoding encoding) { return word_of<Encoding>(encodings, encoding); }
std::string_view flag_word(QualityFlag flag) { return word_of<QualityFlag>(flags, flag); }
std::string_view parity_word(Parity parity) { return word_of<Parity>(parities, parity); }

std::string_view table_name(RegisterTable table) {
  switch (table) {
    case RegisterTable::coil: return "coil";
    case RegisterTable::discrete_input: return "discrete input";
    case RegisterTable::holding: return "holding register";
    case RegisterTable::input: return "input register";
  }
  return {};
}

std::string_view word_order_word(WordOrder order) {
  switch (order) {
    case WordOrder::abcd: return "ABCD";
    case WordOrder::cdab: return "CDAB";
    case WordOrder::badc: return "BADC";
    case WordOrder::dcba: return "DCBA";
  }
  return {};
}

std::string short_number(double number, int digits) {
  std::array<char, 32> out{};
  const auto end =
      std::to_chars(out.data(), out.data() + out.size(), number, std::chars_format::general, digits).ptr;
  return {out.data(), end};
}

std::string hex_word(std::uint16_t word) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += digits[(std::uint32_t{word} >> shift) & 0xFU];
  return out;
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace davy
