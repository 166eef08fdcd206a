#include <charconv>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "drivers/can/candump_log.hpp"
#include "drivers/can/message_decoder.hpp"

// A recorded ship's bus, an independent decoder's reading of another, and a DBC file of a third party: three
// sources that do not know each other or Davy.
using namespace davy;

namespace {

std::filesystem::path data_folder() {
  const char* folder = std::getenv("DAVY_DATA");
  return std::filesystem::path{folder != nullptr ? folder : "../shared/data"} / "can";
}

bool is_there() {
  if (std::filesystem::exists(data_folder() / "nmea2000.dbc")) return true;
  MESSAGE("skipped: no recordings; set DAVY_DATA to the folder that holds can/nmea2000.dbc");
  return false;
}

// The file's ids name no sender and one priority: what counts is the parameter group.
std::map<std::uint32_t, const DbcMessage*> by_group(const Dbc& dbc) {
  std::map<std::uint32_t, const DbcMessage*> groups;
  for (const DbcMessage& message : dbc.messages) groups.emplace(parameter_group(message.id.number), &message);
  return groups;
}

// "COG Reference" is cogReference, "Wind Speed" windSpeed, "SID" sid.
std::string signal_name(std::string_view field) {
  std::string name;
  std::istringstream words{std::string{field}};
  for (std::string word; words >> word;) {
    const bool first = name.empty();
    for (std::size_t i = 0; i < word.size(); ++i) {
      const int letter = static_cast<unsigned char>(word[i]);
      if (std::isalnum(letter) == 0) continue;
      name += static_cast<char>(i == 0 && !first ? std::toupper(letter) : std::tolower(letter));
    }
  }
  return name;
}

struct Field {
  std::string name;
  std::string text;
};

// "... Wind Data:  SID = 49; Wind Speed = 4.09 m/s; ..."
std::vector<Field> fields_of(const std::string& decoded) {
  std::vector<Field> fields;
  const std::size_t begin = decoded.find(":  ");
  if (begin == std::string::npos) return fields;
  std::istringstream parts{decoded.substr(begin + 3)};
  for (std::string part; std::getline(parts, part, ';');) {
    const std::size_t equals = part.find(" = ");
    if (equals == std::string::npos) continue;
    const std::size_t start = part.find_first_not_of(' ');
    fields.push_back({part.substr(start, equals - start), part.substr(equals + 3)});
  }
  return fields;
}

std::uint64_t ones(std::size_t bits) { return bits >= 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1; }

// What NMEA 2000 sends when it does not know: all ones, for a signed number all but the sign.
bool says_unknown(const DbcSignal& signal, std::int64_t raw) {
  if (signal.kind == RawKind::signed_number) {
    return static_cast<std::uint64_t>(raw) >= ones(signal.length - 1U) - 1 && raw > 0;
  }
  return static_cast<std::uint64_t>(raw) >= ones(signal.length) - (signal.length > 3 ? 2 : 0);
}

// How the independent decoder would write our value, in its unit and with its number of digits.
bool same_number(const DbcSignal& signal, double value, const std::string& text) {
  double theirs = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), theirs);
  if (error != std::errc{}) return false;
  const std::string number{text.data(), end};
  const std::size_t dot = number.find('.');
  const double digits = dot == std::string::npos ? 0 : static_cast<double>(number.size() - dot - 1);
  if (text.ends_with(" deg") || text.ends_with(" deg/s")) value *= 180 / std::numbers::pi;
  if (text.find(" C") != std::string::npos) value -= 273.15;  // "25.99 C (78.8 F)"
  if (text.ends_with(" hPa") && signal.unit == "Pa") value /= 100;
  return std::abs(value - theirs) <= 0.5 * std::pow(10, -digits) + 1e-9;
}

// "00:29:59" or "00:29:59.1234" as seconds of the day; "2020.03.04" as days since 1970.
std::optional<double> time_number(const std::string& text) {
  int a = 0;
  int b = 0;
  double c = 0;
  if (std::sscanf(text.c_str(), "%d:%d:%lf", &a, &b, &c) == 3) return a * 3600 + b * 60 + c;
  int day = 0;
  if (std::sscanf(text.c_str(), "%d.%d.%d", &a, &b, &day) != 3) return std::nullopt;
  const std::chrono::sys_days date{std::chrono::year{a} / b / day};
  return static_cast<double>(date.time_since_epoch().count());
}

struct Tally {
  std::size_t numbers = 0;
  std::size_t words = 0;
  std::size_t unknown = 0;
  std::map<std::string, std::size_t> not_compared;
};

void compare(const DbcMessage& message, const std::vector<SignalValue>& values, const Field& field,
             Tally& tally) {
  const auto place = message.find(signal_name(field.name));
  if (!place) {
    ++tally.not_compared[message.name + ": " + field.name];
    return;
  }
  const DbcSignal& signal = message.signals[*place];
  const SignalValue& ours = values[*place];
  CAPTURE(message.name);
  CAPTURE(field.name);
  CAPTURE(field.text);
  CAPTURE(ours.value);
  REQUIRE(ours.present);
  if (field.text == "Unknown") {
    CHECK(says_unknown(signal, ours.raw));
    ++tally.unknown;
  } else if (const auto time = time_number(field.text)) {
    CHECK(std::abs(ours.value - *time) < 1);
    ++tally.numbers;
  } else if (std::isdigit(static_cast<unsigned char>(field.text[0])) != 0 || field.text[0] == '-') {
    CHECK(same_number(signal, ours.value, field.text));
    ++tally.numbers;
  } else {
    const std::string_view word = signal.text_of(ours.raw);
    CAPTURE(word);
    CHECK(word.starts_with(field.text));  // "Marine" of one list of names is "Marine Industry" of the other
    ++tally.words;
  }
}

CanFrame frame_of(const std::string& raw, std::uint32_t group) {
  CanFrame frame{.id = {.number = group << 8U, .extended = true}};
  std::istringstream bytes{raw.substr(raw.find(" : ") + 3)};
  for (unsigned byte = 0; bytes >> std::hex >> byte;)
    frame.data[frame.size++] = static_cast<std::uint8_t>(byte);
  return frame;
}

}  // namespace

TEST_CASE("nmea: every value that an independent decoder tells, ours is") {
  if (!is_there()) return;
  const auto dbc = read_dbc((data_folder() / "nmea2000.dbc").string());
  INFO((dbc ? "" : dbc.error().message));
  REQUIRE(dbc.has_value());
  const auto groups = by_group(*dbc);

  Tally tally;
  std::string decoded;  // the line before: what the raw line after it means
  std::ifstream key{data_folder() / "decoded-key.txt"};
  for (std::string line; std::getline(key, line);) {
    std::istringstream words{line};
    std::string time;
    std::string priority;
    std::string source;
    std::string destination;
    std::uint32_t group = 0;
    words >> time >> priority >> source >> destination >> group;
    const bool raw = line.find(" : ") != std::string::npos && line.find(":  ") == std::string::npos;
    if (!raw) {
      decoded = line;
      continue;
    }
    const auto message = groups.find(group);
    const std::string told = std::exchange(decoded, {});
    if (message == groups.end() || message->second->find("fastPacketData")) continue;  // of many frames
    if (told.find(" " + std::to_string(group) + " ") == std::string::npos) continue;
    CAPTURE(line);
    MessageDecoder decoder{*message->second};
    std::vector<SignalValue> values(decoder.count());
    decoder.decode(frame_of(line, group).bytes(), values);
    for (const Field& field : fields_of(told)) compare(*message->second, values, field, tally);
  }
  for (const auto& [what, count] : tally.not_compared)
    MESSAGE("not in the DBC file: " << what << ", " << count);
  MESSAGE(tally.numbers << " numbers, " << tally.words << " words, " << tally.unknown << " unknown");
  CHECK(tally.numbers > 300);
  CHECK(tally.words > 100);
}

TEST_CASE("nmea: every frame of a recorded bus is read and decoded") {
  if (!is_there()) return;
  const auto dbc = read_dbc((data_folder() / "nmea2000.dbc").string());
  REQUIRE(dbc.has_value());
  const auto groups = by_group(*dbc);
  std::size_t frames = 0;
  std::size_t values_present = 0;
  std::ifstream log{data_folder() / "candump.log"};
  for (std::string line; std::getline(log, line);) {
    CAPTURE(line);
    const auto read = read_candump_line(line);
    REQUIRE(read.has_value());
    if (!*read) continue;
    ++frames;
    const auto message = groups.find(parameter_group((*read)->frame.id.number));
    if (message == groups.end()) continue;
    MessageDecoder decoder{*message->second};
    std::vector<SignalValue> values(decoder.count());
    decoder.decode((*read)->frame.bytes(), values);
    for (const SignalValue& value : values) values_present += value.present ? 1 : 0;
  }
  CHECK(frames == 6026);
  CHECK(values_present > frames);
}
