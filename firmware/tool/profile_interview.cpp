#include "firmware/tool/profile_interview.hpp"

#include <algorithm>

#include "firmware/tool/profile_draft.hpp"
#include "firmware/tool/quantities.hpp"
#include "firmware/tool/words.hpp"

namespace davy {
namespace {

Result<std::string> not_empty(const std::string& text) {
  return text.empty() ? fail(Errc::bad_data, "something has to stand here") : Result<std::string>{text};
}
Result<std::string> anything(const std::string& text) { return text; }

// An empty answer is none.
Result<std::optional<double>> optional_number(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto number = number_from(text);
  if (!number) return fail(number.error());
  return *number;
}

std::string quantity_list() {
  std::string out;
  for (const Quantity& q : quantities) out += (out.empty() ? "" : ", ") + std::string{q.name};
  return out;
}

Result<std::string> quantity_from(const std::string& text) {
  if (text.empty() || std::ranges::find(quantities, text, &Quantity::name) != std::end(quantities))
    return text;
  return fail(Errc::bad_data, "'" + text + "' is none that Davy knows; take one of: " + quantity_list() +
                                  "; or nothing, when it is none of these");
}

}  // namespace

bool ProfileInterview::run(DeviceProfile& profile, const Accept& accept) {
  if (!ask_device(profile) || !ask_line(profile.serial)) return false;
  std::optional<Counting> counting = options_.counting;
  if (!counting) {
    counting = questions_.ask_for(
        "How does the manual number its registers? wire: from 0, as they are sent (often \"register "
        "address\" in "
        "hexadecimal). from-one: from 1. 40001: five digits that begin with the table. In doubt take wire; a "
        "live reading settles it.",
        "counting", "wire", [](const std::string& t) { return counting_from(t); });
  }
  while (counting) {
    const bool first = profile.signals.empty();
    const auto name = questions_.ask(first ? "Now its signals, one by one. A short name in small letters, "
                                             "such as ch4 or temperature; a gateway's "
                                             "configuration refers to it."
                                           : "The next signal; an empty answer ends the list.",
                                     "signal", "");
    if (!name) return !first && !options_.with_bus;  // a script may just end
    if (name->empty() && !first) return true;
    if (name->empty()) {
      questions_.tell("a device has at least one signal");
      continue;
    }
    const auto signal = ask_signal(*name, *counting);
    if (!signal) return false;
    if (accept(*signal)) profile.signals.push_back(*signal);
  }
  return false;
}

bool ProfileInterview::ask_device(DeviceProfile& profile) {
  const auto fill = [&](std::string& field, const char* explanation, const char* what) {
    if (!field.empty()) return true;
    const auto answer = questions_.ask_for(explanation, what, "", not_empty);
    field = answer.value_or("");
    return answer.has_value();
  };
  if (!fill(profile.maker, "Who makes the device? As on its label, so that people find it.", "maker"))
    return false;
  if (!fill(profile.model, "What does the maker call it?", "model")) return false;
  if (!profile.sources.empty()) return true;
  const auto source = questions_.ask_for(
      "Where are the facts from? Manual, edition and page: whoever calibrates the device later depends on "
      "it.",
      "source", "", not_empty);
  if (source) profile.sources.push_back(*source);
  return source.has_value();
}

bool ProfileInterview::ask_line(SerialSettings& line) {
  if (options_.bus.tcp) return true;
  if (!options_.bus.baud) {
    const auto baud = questions_.ask_for(
        "The serial line as the device is delivered; 8 data bits are understood.", "baud rate",
        std::to_string(line.baud), [](const std::string& t) { return integer_from(t, 300, 1'000'000); });
    if (!baud) return false;
    line.baud = static_cast<std::uint32_t>(*baud);
  }
  if (!options_.bus.parity) {
    const auto parity = questions_.ask_for("", "parity (none, even, odd)", parity_word(line.parity),
                                           [](const std::string& t) { return parities_from(t); });
    if (!parity) return false;
    line.parity = parity->front();
  }
  if (options_.bus.stop_bits) return true;
  const auto stop_bits = questions_.ask_for("", "stop bits (1, 2)", std::to_string(line.stop_bits),
                                            [](const std::string& t) { return integer_from(t, 1, 2); });
  line.stop_bits = static_cast<std::uint32_t>(stop_bits.value_or(1));
  return stop_bits.has_value();
}

std::optional<SignalProfile> ProfileInterview::ask_signal(const std::string& name, Counting counting) {
  SignalProfile signal{.name = name, .table = RegisterTable::input, .encoding = Encoding::u16};
  if (!ask_place(signal, counting) || !ask_encoding(signal) || !ask_meaning(signal) || !ask_messages(signal))
    return std::nullopt;
  return signal;
}

bool ProfileInterview::ask_place(SignalProfile& signal, Counting counting) {
  const auto place =
      questions_.ask_for("The number of its (first) register, as the manual writes it.", "address", "",
                         [&](const std::string& t) { return place_from(t, counting); });
  if (!place) return false;
  signal.address = place->address;
  if (place->table) {
    signal.table = *place->table;
    questions_.tell("on the wire: " + std::string{table_name(signal.table)} + " " +
                    std::to_string(signal.address));
    return true;
  }
  const auto table = questions_.ask_for(
      "In which table? input: function 4, read only; holding: function 3; discrete (2) and coil (1) are "
      "single bits.",
      "table", "input", [](const std::string& t) { return table_from(t); });
  if (table) signal.table = *table;
  return table.has_value();
}

bool ProfileInterview::ask_encoding(SignalProfile& signal) {
  if (is_bits(signal.table)) {
    signal.encoding = Encoding::bit;
    return true;
  }
  const auto encoding = questions_.ask_for(
      "How is the number written? u16 and s16 (may be negative): one register. u32, s32, float32: two. "
      "bcd16: four "
      "decimal digits. bit, bits: part of a register.",
      "encoding", "u16", [](const std::string& t) { return encoding_from(t); });
  if (!encoding) return false;
  signal.encoding = *encoding;
  const auto small = [&](const char* explanation, const char* what, const char* otherwise, std::int64_t low,
                         std::int64_t high) {
    return questions_.ask_for(explanation, what, otherwise,
                              [=](const std::string& t) { return integer_from(t, low, high); });
  };
  if (register_count(signal.encoding) == 2) {
    const auto order = questions_.ask_for(
        "Which word comes first? ABCD: the high one, as the standard has it. CDAB: the low one, as often. "
        "BADC and "
        "DCBA: with the bytes of each word swapped.",
        "word order", "ABCD", [](const std::string& t) { return word_order_from(t); });
    if (!order) return false;
    signal.word_order = *order;
  }
  if (signal.encoding == Encoding::bit || signal.encoding == Encoding::bits) {
    const auto bit = small("Bit 0 is the least significant.", "first bit", "0", 0, 15);
    if (!bit) return false;
    signal.bit_first = static_cast<std::uint8_t>(*bit);
  }
  if (signal.encoding == Encoding::bits) {
    const auto bits = small("", "how many bits", "8", 1, 16);
    if (!bits) return false;
    signal.bit_count = static_cast<std::uint8_t>(*bits);
  }
  return true;
}

bool ProfileInterview::ask_meaning(SignalProfile& signal) {
  const bool state = signal.encoding == Encoding::bit;
  if (!state) {
    const auto number = [](const std::string& t) { return number_from(t); };
    const auto scale = questions_.ask_for("value = raw number x scale + offset. In tenths the scale is 0.1.",
                                          "scale", "1", number);
    const auto offset = scale ? questions_.ask_for("", "offset", "0", number) : scale;
    if (!offset) return false;
    signal.scale = *scale;
    signal.offset = *offset;
  }
  const auto quantity =
      questions_.ask_for("What is measured? One of: " + quantity_list() + ".", "quantity", "", quantity_from);
  if (!quantity) return false;
  signal.quantity = *quantity;
  if (state) return true;
  const auto unit = questions_.ask_for("", "unit", unit_of(signal.quantity), anything);
  if (!unit) return false;
  signal.unit = *unit;
  const auto low = questions_.ask_for(
      "The measuring range. A reading outside is over_range or under_range and may not clear any alarm; give "
      "it "
      "whenever the manual does.",
      "lowest value", "", optional_number);
  const auto high = low ? questions_.ask_for("", "highest value", "", optional_number) : low;
  if (!high) return false;
  signal.range_low = *low;
  signal.range_high = *high;
  return true;
}

bool ProfileInterview::ask_messages(SignalProfile& signal) {
  std::string_view explanation =
      "Raw numbers that are no measurement but a message, such as 0x7FFF:sensor_fault or 65535:disconnected. "
      "What does "
      "it read when the head is off, warming up, being calibrated? Empty: no more.";
  for (;;) {
    const auto meaning = questions_.ask_for(explanation, "raw message", "",
                                            [](const std::string& t) -> Result<std::optional<RawMeaning>> {
                                              if (t.empty()) return std::nullopt;
                                              const auto raw = raw_meaning_from(t);
                                              if (!raw) return fail(raw.error());
                                              return *raw;
                                            });
    if (!meaning) return false;
    if (!*meaning) return true;
    signal.raw_meanings.push_back(**meaning);
    explanation = {};
  }
}

}  // namespace davy
