#include "firmware/tool/profile_draft.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <map>

#include "firmware/tool/quantities.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

// As protobuf's text format reads it.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20U ? ' ' : c;
  }
  return out + "\"";
}

// As short as it can be read back exactly.
std::string exact(double number) {
  std::array<char, 32> out{};
  return {out.data(), std::to_chars(out.data(), out.data() + out.size(), number).ptr};
}

std::string_view table_field(RegisterTable table) {
  switch (table) {
    case RegisterTable::coil: return "COIL";
    case RegisterTable::discrete_input: return "DISCRETE_INPUT";
    case RegisterTable::holding: return "HOLDING_REGISTER";
    case RegisterTable::input: return "INPUT_REGISTER";
  }
  return {};
}

std::string signal_text(const SignalProfile& s) {
  std::string out =
      "  signal {\n    name: " + quoted(s.name) + " table: " + std::string{table_field(s.table)} +
      " address: " + std::to_string(s.address) + " encoding: " + upper(encoding_word(s.encoding));
  if (s.word_order != WordOrder::abcd) out += " word_order: " + std::string{word_order_word(s.word_order)};
  const bool field = s.encoding == Encoding::bit || s.encoding == Encoding::bits;
  if (field && !is_bits(s.table)) out += " bit_first: " + std::to_string(s.bit_first);
  if (s.encoding == Encoding::bits) out += " bit_count: " + std::to_string(s.bit_count);
  if (s.scale != 1) out += " scale: " + exact(s.scale);
  if (s.offset != 0) out += " offset: " + exact(s.offset);
  std::string what;
  if (!s.quantity.empty()) what += " quantity: " + quoted(s.quantity);
  if (!s.unit.empty()) what += " unit: " + quoted(s.unit);
  if (s.range_low) what += " range_low: " + exact(*s.range_low);
  if (s.range_high) what += " range_high: " + exact(*s.range_high);
  if (!what.empty()) out += "\n   " + what;
  for (const RawMeaning& meaning : s.raw_meanings) {
    out += "\n    raw_meaning { raw: " + std::to_string(meaning.raw) +
           " means: " + upper(flag_word(meaning.means)) + " }";
  }
  if (!s.text.empty()) out += "\n    text: " + quoted(s.text);
  return out + "\n  }\n";
}

std::string serial_text(const SerialSettings& line) {
  return "baud: " + std::to_string(line.baud) + " parity: " + upper(parity_word(line.parity)) +
         " stop_bits: " + std::to_string(line.stop_bits);
}

// One `key=value`; the message says what is wrong with the value.
using Setter = std::function<Status(SignalProfile&, std::string_view)>;

template <typename From, typename Put>
Setter set(From from, Put put) {
  return [from, put](SignalProfile& signal, std::string_view text) -> Status {
    auto value = from(text);
    if (!value) return fail(value.error());
    put(signal, *std::move(value));
    return {};
  };
}

Setter set_number(std::int64_t low, std::int64_t high, void (*put)(SignalProfile&, std::int64_t)) {
  return set([low, high](std::string_view text) { return integer_from(text, low, high); }, put);
}

Status set_range(SignalProfile& signal, std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos)
    return fail(Errc::bad_data, "'" + std::string{text} + "' is no range; write it like -40..85");
  const auto low = number_from(text.substr(0, dots));
  const auto high = number_from(text.substr(dots + 2));
  if (!low) return fail(low.error());
  if (!high) return fail(high.error());
  signal.range_low = *low;
  signal.range_high = *high;
  return {};
}

const std::map<std::string, Setter, std::less<>>& setters() {
  static const std::map<std::string, Setter, std::less<>> all{
      {"table", set(table_from, [](SignalProfile& s, RegisterTable t) { s.table = t; })},
      {"encoding", set(encoding_from, [](SignalProfile& s, Encoding e) { s.encoding = e; })},
      {"order", set(word_order_from, [](SignalProfile& s, WordOrder o) { s.word_order = o; })},
      {"bit",
       set_number(0, 15,
                  [](SignalProfile& s, std::int64_t n) { s.bit_first = static_cast<std::uint8_t>(n); })},
      {"bits",
       set_number(1, 16,
                  [](SignalProfile& s, std::int64_t n) { s.bit_count = static_cast<std::uint8_t>(n); })},
      {"scale", set(number_from, [](SignalProfile& s, double n) { s.scale = n; })},
      {"offset", set(number_from, [](SignalProfile& s, double n) { s.offset = n; })},
      {"raw", set(raw_meaning_from, [](SignalProfile& s, RawMeaning m) { s.raw_meanings.push_back(m); })},
      {"range", set_range},
      {"quantity",
       [](SignalProfile& s, std::string_view text) -> Status {
         s.quantity = text;
         return {};
       }},
      {"unit",
       [](SignalProfile& s, std::string_view text) -> Status {
         s.unit = text;
         return {};
       }},
  };
  return all;
}

std::string known_words() {
  std::string out = "address";
  for (const auto& [word, setter] : setters()) out += ", " + word;
  return out + ", text";
}

}  // namespace

Result<Place> place_from(std::string_view text, Counting counting) {
  const auto number = integer_from(text, 0, 465536);
  if (!number) return fail(number.error().in("address"));
  const auto told = [&](const std::string& what) {
    return fail(Errc::bad_data, "address: '" + std::string{text} + "' " + what);
  };
  if (counting == Counting::wire || counting == Counting::from_one) {
    const std::int64_t address = *number - (counting == Counting::from_one ? 1 : 0);
    if (address < 0 || address > 65535)
      return told(counting == Counting::wire ? "is beyond 65535" : "is none: this manual counts from 1");
    return Place{std::nullopt, static_cast<std::uint16_t>(address)};
  }
  // 40001 to 49999, or with six digits 400001 to 465536; a leading 0 is a coil.
  const bool six = text.size() == 6;
  if (text.size() != 5 && !six) return told("is not of the form 40001 or 400001: five or six digits");
  const std::int64_t unit = six ? 100'000 : 10'000;
  const std::int64_t rest = *number % unit;
  if (rest < 1 || rest > 65536) return told("ends in none of the addresses 1 to 65536");
  const auto address = static_cast<std::uint16_t>(rest - 1);
  switch (*number / unit) {
    case 0: return Place{RegisterTable::coil, address};
    case 1: return Place{RegisterTable::discrete_input, address};
    case 3: return Place{RegisterTable::input, address};
    case 4: return Place{RegisterTable::holding, address};
    default: return told("begins with none of 0 (coil), 1 (discrete input), 3 (input) and 4 (holding)");
  }
}

Result<RawMeaning> raw_meaning_from(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return fail(Errc::bad_data,
                "'" + std::string{text} + "': write it as NUMBER:QUALITY, such as 0x7FFF:sensor_fault");
  const auto raw = integer_from(text.substr(0, colon), INT32_MIN, UINT32_MAX);
  if (!raw) return fail(raw.error());
  const auto flag = flag_from(text.substr(colon + 1));
  if (!flag) return fail(flag.error());
  return RawMeaning{*raw, *flag};
}

Result<SignalProfile> signal_from_words(std::string_view text, Counting counting) {
  SignalProfile signal{.encoding = Encoding::u16};
  // The last word may hold blanks.
  const std::size_t text_at = text.find(" text=");
  if (text_at != std::string_view::npos) signal.text = text.substr(text_at + 6);
  const auto words = split_words(text.substr(0, text_at), ' ');
  if (words.empty() || words.front().find('=') != std::string::npos)
    return fail(Errc::bad_data, "a signal begins with its name, such as \"o2 address=100\"");
  signal.name = words.front();
  const auto told = [&](const std::string& what) {
    return fail(Errc::bad_data, "signal " + signal.name + ": " + what);
  };
  bool with_address = false, with_table = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : words[i].substr(equals + 1);
    if (key == "address") {
      const auto place = place_from(value, counting);
      if (!place) return told(place.error().message);
      signal.address = place->address;
      if (place->table) signal.table = *place->table;
      with_address = true;
      with_table = with_table || place->table.has_value();
      continue;
    }
    const auto setter = setters().find(key);
    if (setter == setters().end() || equals == std::string::npos)
      return told("'" + words[i] + "' is not understood; the words are KEY=VALUE with " + known_words());
    if (const Status done = setter->second(signal, value); !done)
      return told(key + ": " + done.error().message);
    with_table = with_table || key == "table";
  }
  if (!with_address) return told("address=N is missing");
  if (!with_table) return told("table=holding, input, coil or discrete is missing");
  if (is_bits(signal.table)) signal.encoding = Encoding::bit;
  if (signal.unit.empty()) signal.unit = unit_of(signal.quantity);
  return signal;
}

std::string_view unit_of(std::string_view quantity) {
  const auto* at = std::ranges::find(quantities, quantity, &Quantity::name);
  return at == std::end(quantities) ? std::string_view{} : at->unit;
}

std::string profile_text(const DeviceProfile& profile) {
  std::string out = "name: " + quoted(profile.name) + "\nmaker: " + quoted(profile.maker) +
                    "\nmodel: " + quoted(profile.model) + "\n";
  for (const std::string& source : profile.sources) out += "source: " + quoted(source) + "\n";
  out += "modbus {\n  serial { " + serial_text(profile.serial) + " }\n";
  for (const SignalProfile& signal : profile.signals) out += signal_text(signal);
  return out + "}\n";
}

std::string bus_config_text(const DeviceProfile& profile, const BusChoice& bus, const SerialSettings& line,
                            std::uint8_t unit) {
  std::string out = "bus {\n  name: \"bus-1\"\n";
  if (bus.tcp) {
    out += "  tcp { host: " + quoted(bus.tcp->host) + " port: " + std::to_string(bus.tcp->port) + " }\n";
  } else {
    out += "  rtu { device: " + quoted(bus.port.empty() ? "/dev/ttyS1" : bus.port) + " " + serial_text(line) +
           " }\n";
  }
  out += "  period_ms: 1000\n  device {\n    name: " + quoted(profile.name + "-1") +
         " unit: " + std::to_string(unit) + " profile: " + quoted(profile.name) + "\n";
  for (const SignalProfile& signal : profile.signals) {
    out += "    point { name: " + quoted(profile.name + "-1-" + signal.name) +
           " signal: " + quoted(signal.name) + " }\n";
  }
  return out + "  }\n}\n";
}

}  // namespace davy
