#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// Log lines for people and for grep: level, event name in snake_case, key=value pairs, one line each, on
// standard error, where journald picks them up (with its <N> priority prefix). Thread-safe. Event names are
// listed in docs/operations.md.
namespace davy::log {

enum class Level : std::uint8_t { debug, info, warn, error, off };

// A key with its value as text; values with blanks or quotes are quoted.
struct Field {
  template <std::integral T>
  Field(std::string_view k, T v) : key{k}, value{std::to_string(v)} {}
  Field(std::string_view k, bool v) : key{k}, value{v ? "true" : "false"} {}
  Field(std::string_view k, double v);
  Field(std::string_view k, std::string_view v) : key{k}, value{v} {}
  Field(std::string_view k, const char* v) : key{k}, value{v} {}
  Field(std::string_view k, const std::string& v) : key{k}, value{v} {}

  std::string_view key;
  std::string value;
};

using Fields = std::initializer_list<Field>;

// "debug", "info", "warn" or "error".
std::optional<Level> level_named(std::string_view word);

void set_level(Level lowest);  // off: nothing at all; nothing is written with it
void write(Level level, std::string_view event, Fields fields);

inline void debug(std::string_view event, Fields fields = {}) { write(Level::debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) { write(Level::warn, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::error, event, fields); }

}  // namespace davy::log
