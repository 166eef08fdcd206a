#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proto/wire/gateway_config.hpp"

// What each verb of the tool is told on the command line.
namespace davy {

// Where the bus is. What is not given of the line's settings comes from a profile, or is 9600 8N1.
struct BusChoice {
  std::string port;  // serial; empty: tcp is given
  std::optional<TcpSettings> tcp;
  std::optional<std::uint32_t> baud;
  std::optional<Parity> parity;
  std::optional<std::uint32_t> stop_bits;

  SerialSettings serial(const SerialSettings& otherwise = {}) const {
    return {baud.value_or(otherwise.baud), parity.value_or(otherwise.parity),
            stop_bits.value_or(otherwise.stop_bits)};
  }
};

struct ScanOptions {
  BusChoice bus;
  std::vector<SerialSettings> lines;  // candidates, in the order they are tried
  std::vector<std::uint8_t> units;
  Duration listen{1000};  // at each candidate
  Duration wait{200};     // for an answer
  bool ask_anyway = false;
  bool all_settings = false;
};

struct ReadOptions {
  BusChoice bus;
  std::uint8_t unit = 1;
  RegisterTable table = RegisterTable::input;
  std::uint16_t address = 0;
  std::uint16_t count = 1;
  Duration wait{1000};
  std::optional<double> expect;
  std::optional<double> within;
  std::optional<double> scale;
  bool raw = false;
};

struct WatchOptions {
  BusChoice bus;
  std::uint8_t unit = 1;
  std::string profile;  // a name in the folder, or a file
  std::string profiles;
  std::optional<Duration> wait;  // else the profile's
  Duration period{1000};
  std::optional<Duration> span;  // none: until Ctrl-C
};

struct SniffOptions {
  BusChoice bus;
  std::vector<std::string> unit_profiles;  // "3=xy-md02"
  std::string profiles;
  std::optional<Duration> span;
  bool raw = false;
};

struct CheckOptions {
  std::vector<std::string> files;
  std::string golden;  // a file, or a folder of files named like the profiles; empty: none
};

// How a manual counts registers.
enum class Counting : std::uint8_t {
  wire,      // from 0, as they are sent
  from_one,  // from 1
  modicon,   // 40001 and so on: the first digit names the table
};

struct NewOptions {
  std::string name;
  std::string folder = ".";
  std::string profiles;
  std::string maker, model;
  std::vector<std::string> sources;
  std::vector<std::string> signals;  // "NAME key=value ..."
  std::optional<Counting> counting;
  BusChoice bus;
  bool with_bus = false;
  std::uint8_t unit = 1;
  Duration wait{1000};
};

using ToolOptions =
    std::variant<ScanOptions, ReadOptions, WatchOptions, SniffOptions, CheckOptions, NewOptions>;

}  // namespace davy
