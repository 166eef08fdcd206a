#include <algorithm>
#include <array>
#include <span>

#include "tests/tidy/rules.hpp"

namespace davy::tidy {
namespace {

enum class Where : std::uint8_t {
  code,     // C++ outside of comments and string literals
  headers,  // the same, in headers only
  text,     // every line of every code file
};

// A text that must not stand anywhere but in files whose path contains one of `allowed`.
struct Ban {
  std::string_view rule;
  Where where;
  std::string_view text;
  std::array<std::string_view, 3> allowed;
  std::string_view instead;
};

constexpr std::string_view use_now = "time is an argument: take `now`, or a const Clock& in a main program";
constexpr std::string_view use_due =
    "nothing waits: return next_due() and let the loop sleep; tests add to `now`";
constexpr std::string_view use_link = "only the paho_ adapter knows the library: use MqttLink";
constexpr std::string_view no_switch = "no preprocessor switches: leave a part out by not constructing it";
constexpr std::string_view name_it = "name it by the field's own word for what it is";
constexpr std::string_view decide_now = "do it, put a limit or an assert there, or write a decision file";

constexpr Ban bans[] = {
    {"clock", Where::code, "steady_clock::now", {"proto/base/system_clock.cpp", "tests/bench/"}, use_now},
    {"clock", Where::code, "system_clock::now", {"proto/base/system_clock.cpp"}, use_now},
    {"clock", Where::code, "high_resolution_clock", {}, use_now},
    {"clock", Where::code, "clock_gettime", {"proto/base/system_clock.cpp"}, use_now},
    {"clock", Where::code, "gettimeofday", {}, use_now},
    {"clock", Where::code, "time(nullptr)", {}, use_now},
    {"sleep", Where::code, "sleep_for", {"tests/fault/"}, use_due},
    {"sleep", Where::code, "sleep_until", {"tests/fault/"}, use_due},
    {"sleep", Where::code, "usleep(", {"tests/fault/"}, use_due},
    {"sleep", Where::code, "nanosleep(", {"tests/fault/"}, use_due},
    {"modbus", Where::code, "<modbus", {"drivers/modbus/"}, "use RegisterBus"},
    {"can", Where::code, "<linux/can", {"drivers/can/socket_can"}, "use CanBus"},
    {"gpio", Where::code, "<gpiod", {"drivers/gpio/"}, "use OutputPort"},
    {"mqtt", Where::code, "MQTTAsync", {"/paho_"}, use_link},
    {"mqtt", Where::code, "<mqtt/", {"/paho_"}, use_link},
    {"sqlite", Where::code, "<sqlite3.h>", {"/sqlite_"}, "use the store's or the history's port"},
    {"wire",
     Where::code,
     ".pb.h\"",
     {"proto/wire/"},
     "use the codec or the configuration loader of proto/wire"},
    {"beast",
     Where::code,
     "<boost/beast",
     {"host/api/", "tests/bench/"},
     "HTTP stays in host/api: use its port"},
    {"using",
     Where::headers,
     "using namespace",
     {},
     "name what is used: a header's using reaches all who include it"},
    {"switch", Where::code, "#if", {}, no_switch},
    {"switch", Where::code, "#else", {}, no_switch},
    {"macro",
     Where::code,
     "#define",
     {"proto/base/assert.hpp", "doctest_main.cpp"},
     "use a constexpr or a function"},
    {"console",
     Where::code,
     "std::cout",
     {"/app/", "firmware/tool/main.cpp", "tests/"},
     "a library returns; programs print"},
    {"console", Where::code, "std::cerr", {"/app/", "firmware/tool/main.cpp", "tests/"}, "use davy::log"},
    {"later", Where::text, "TODO", {}, decide_now},
    {"later", Where::text, "FIXME", {}, decide_now},
};

// Endings of class names that say nothing.
constexpr std::string_view empty_endings[] = {"Manager", "Helper", "Util", "Utils"};

bool word_char(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool applies(const Ban& ban, const File& file) {
  if (ban.where == Where::text ? !is_code(file.path) : !is_cpp(file.path)) return false;
  if (ban.where == Where::headers && !is_header(file.path)) return false;
  return std::ranges::none_of(ban.allowed, [&](std::string_view part) {
    return !part.empty() && ("/" + file.path).find(part) != std::string::npos;
  });
}

void check_class_names(const File& file, std::size_t number, std::string_view code, Findings& out) {
  for (const std::string_view keyword : {"class ", "struct "}) {
    const std::size_t at = code.find(keyword);
    if (at == std::string_view::npos || (at > 0 && word_char(code[at - 1]))) continue;
    std::string_view name = code.substr(at + keyword.size());
    name = name.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(name, word_char) - name.begin()));
    if (std::ranges::any_of(empty_endings, [&](std::string_view ending) { return name.ends_with(ending); })) {
      out.push_back({file.path, number, "name", "'" + std::string{name} + "': " + std::string{name_it}});
    }
  }
}

}  // namespace

void check_bans(const Tree& tree, Findings& out) {
  for (const File& file : tree.files) {
    if (file.path.starts_with("tests/tidy/")) continue;  // it has to name what it refuses
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string code = code_part(file.lines[i]);
      for (const Ban& ban : bans) {
        if (!applies(ban, file)) continue;
        const std::string& searched = ban.where == Where::text ? file.lines[i] : code;
        if (searched.find(ban.text) == std::string::npos) continue;
        out.push_back({file.path, i + 1, std::string{ban.rule},
                       "'" + std::string{ban.text} + "': " + std::string{ban.instead}});
      }
      if (is_cpp(file.path)) check_class_names(file, i + 1, code, out);
    }
  }
}

}  // namespace davy::tidy
