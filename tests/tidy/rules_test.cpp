#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include <doctest/doctest.h>

using namespace davy::tidy;

namespace {

struct Text {
  const char* path;
  std::string text;
};

Findings judge(std::initializer_list<Text> texts) {
  Tree tree;
  for (const Text& t : texts) tree.files.push_back(make_file(t.path, t.text));
  return check_all(tree);
}

std::string all_texts(const Findings& findings) {
  std::string all;
  for (const Finding& finding : findings) all += finding.text() + "\n";
  return all;
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

const std::string later = std::string{"TO"} + "DO";

}  // namespace

TEST_CASE("tidy rules: one bad line in one file is found, named by its rule and its line") {
  struct Row {
    const char* rule;
    const char* path;
    std::string line;
  };
  const Row rows[] = {
      {"clock", "gateway/scan/scanner.cpp", "auto t = std::chrono::steady_clock::now();"},
      {"clock", "host/alarm/alarm.cpp", "auto t = std::chrono::system_clock::now();"},
      {"clock", "tests/proto/x_test.cpp", "auto t = std::chrono::high_resolution_clock::time_point{};"},
      {"clock", "gateway/scan/a.cpp", "clock_gettime(CLOCK_MONOTONIC, &t);"},
      {"clock", "gateway/scan/a.cpp", "gettimeofday(&t, nullptr);"},
      {"clock", "gateway/scan/a.cpp", "srand(time(nullptr));"},
      {"sleep", "tests/gateway/scanner_test.cpp", "std::this_thread::sleep_for(1s);"},
      {"sleep", "gateway/scan/a.cpp", "std::this_thread::sleep_until(t);"},
      {"sleep", "drivers/modbus/a.cpp", "usleep(10);"},
      {"sleep", "drivers/modbus/a.cpp", "nanosleep(&t, nullptr);"},
      {"modbus", "gateway/scan/a.cpp", "#include <modbus/modbus.h>"},
      {"mqtt", "gateway/uplink/a.cpp", "MQTTAsync client;"},
      {"mqtt", "host/ingest/a.cpp", "#include <mqtt/async_client.h>"},
      {"sqlite", "host/history/a.cpp", "#include <sqlite3.h>"},
      {"beast", "host/alarm/a.cpp", "#include <boost/beast/core.hpp>"},
      {"switch", "gateway/scan/a.cpp", "#if ENABLE_SCAN"},
      {"switch", "gateway/scan/a.cpp", "#ifdef NDEBUG"},
      {"switch", "gateway/scan/a.cpp", "#else"},
      {"macro", "gateway/scan/a.cpp", "#define LIMIT 3"},
      {"console", "host/alarm/a.cpp", "std::cout << 1;"},
      {"console", "proto/wire/a.cpp", "std::cerr << 1;"},
      {"later", "proto/wire/a.cpp", "// " + later + " handle this"},
      {"later", "toolchains/dev/a.sh", "# FIX" + std::string{"ME"}},
      {"later", "host/web/src/page.ts", "// " + later},
      {"name", "gateway/scan/a.cpp", "class SensorManager {"},
      {"name", "gateway/scan/a.cpp", "struct TimeUtils {"},
      {"line length", "proto/wire/a.cpp", times(111, "x")},
      {"line length", "proto/wire/a.proto", times(111, "x")},
      {"file name", "proto/wire/TestFile.cpp", ""},
      {"file name", "proto/wire/a.h", "#pragma once"},
      {"pragma once", "proto/wire/a.hpp", "int f();"},
      {"using", "proto/wire/b.hpp", "using namespace std;"},
      {"root", "notes.txt", "mine"},
      {"root", "utils/a.cpp", ""},
      {"include path", "proto/wire/a.cpp", "#include \"codec.hpp\""},
      {"link", "docs/a.md", "see [there](missing.md)"},
      {"link", "docs/a.md", "see [there](../../outside.md)"},
      {"link", "docs/a.md", "see [there](#no-such-heading)"},
      {"foreign word", "docs/a.md", "as found in /wo" + std::string{"rk/main"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CAPTURE(row.line);
    const bool is_using = std::string{row.rule} == "using";
    const Findings found =
        judge({{row.path, (is_using ? "#pragma once\n" : "// what it is\n") + row.line + "\n"}});
    const auto hit = std::ranges::find(found, row.rule, &Finding::rule);
    INFO(all_texts(found));
    REQUIRE(hit != found.end());
    CHECK(hit->path == row.path);
    CHECK_FALSE(hit->advice.empty());
    CHECK((hit->line == 2 || hit->line == 0 || hit->rule == "pragma once"));
  }
}

TEST_CASE("tidy rules: the same lines are welcome where they belong") {
  const Text rows[] = {
      {"proto/base/system_clock.cpp", "auto t = std::chrono::steady_clock::now();"},
      {"tests/fault/kill_test.cpp", "std::this_thread::sleep_for(1s);"},
      {"drivers/modbus/libmodbus_bus.cpp", "#include <modbus/modbus.h>"},
      {"proto/link/paho_link.cpp", "MQTTAsync client;"},
      {"proto/store/sqlite_database.cpp", "#include <sqlite3.h>"},
      {"proto/wire/codec.cpp", "#include \"proto/wire/messages.pb.h\""},
      {"host/api/server.cpp", "#include <boost/beast/core.hpp>"},
      {"host/app/main.cpp", "std::cout << 1;"},
      {"proto/base/assert.hpp", "#pragma once\n#define DAVY_ASSERT(c)"},
      {"proto/wire/a.cpp",
       "// a comment may speak of steady_clock::now, and so may a string:\nf(\"usleep(\");"},
      {"proto/wire/a.cpp", "using namespace davy;"},
      {"proto/wire/a.cpp", "class Utilisation {};"},
      {"proto/wire/a.cpp", "// " + times(100, "测")},
      {"proto/wire/a.cpp", times(400, "int a;\n")},
      {"docs/a.md",
       "# One heading, two\nsee [here](#one-heading-two), [there](a.md), [far](https://example.org/)"},
      {"docs/a.md", "```\n[no link](nowhere.md)\n```"},
      {".clang-format", "BasedOnStyle: Google"},
  };
  for (const Text& row : rows) {
    CAPTURE(row.path);
    const Findings found = judge({row});
    CHECK_MESSAGE(found.empty(), all_texts(found));
  }
}

TEST_CASE("tidy rules: a file of 401 lines is too long") {
  const Findings found = judge({{"host/alarm/a.cpp", times(401, "int a;\n")}});
  REQUIRE(found.size() == 1);
  CHECK(found.front().rule == "file size");
}

TEST_CASE("tidy rules: includes follow the directions of the folders") {
  struct Row {
    const char* from;
    const char* to;
    bool allowed;
  };
  constexpr Row rows[] = {
      {"proto/wire/a.cpp", "proto/base/x.hpp", true},
      {"proto/wire/a.cpp", "gateway/scan/x.hpp", false},
      {"drivers/modbus/a.cpp", "proto/base/x.hpp", true},
      {"drivers/modbus/a.cpp", "gateway/scan/x.hpp", false},
      {"gateway/scan/a.cpp", "drivers/api/x.hpp", true},
      {"gateway/scan/a.cpp", "host/alarm/x.hpp", false},
      {"host/ingest/a.cpp", "proto/base/x.hpp", true},
      {"host/ingest/a.cpp", "gateway/scan/x.hpp", false},
      {"host/ingest/a.cpp", "drivers/api/x.hpp", false},
      {"firmware/app/a.cpp", "gateway/scan/x.hpp", true},
      {"firmware/app/a.cpp", "host/alarm/x.hpp", false},
      {"gateway/scan/a.cpp", "tests/support/x.hpp", false},
      {"tests/sim/a.cpp", "host/alarm/x.hpp", true},
      {"tests/sim/a.cpp", "gateway/scan/x.hpp", true},
      {"gateway/scan/a.cpp", "firmware/app/x.hpp", false},
      {"host/ingest/a.cpp", "firmware/app/x.hpp", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.from);
    CAPTURE(row.to);
    const Findings found =
        judge({{row.from, "#include \"" + std::string{row.to} + "\"\n"}, {row.to, "#pragma once\n"}});
    INFO(all_texts(found));
    CHECK(found.empty() == row.allowed);
    if (!row.allowed) CHECK(found.front().rule == "direction");
  }
}

TEST_CASE("tidy rules: generated headers stay in proto/wire") {
  const Findings found = judge({{"host/ingest/a.cpp", "#include \"proto/wire/messages.pb.h\"\n"}});
  REQUIRE(found.size() == 1);
  CHECK(found.front().rule == "wire");
}

TEST_CASE("tidy rules: a folder includes what its target uses, and what that uses, and nothing else") {
  const Text base{"proto/base/CMakeLists.txt", "davy_library(davy_base SOURCES log.cpp)"};
  const Text model{"proto/model/CMakeLists.txt", "davy_library(davy_model USES davy_base)  # the words"};
  const Text scan{"gateway/scan/CMakeLists.txt",
                  "davy_library(davy_scan\n  SOURCES scan.cpp\n  USES davy_model)"};
  const Text edge{"gateway/edge/CMakeLists.txt", "davy_library(davy_edge SOURCES edge.cpp USES davy_scan)"};
  const Text log{"proto/base/log.hpp", "#pragma once"};
  const Text edge_header{"gateway/edge/edge.hpp", "#pragma once"};

  const Findings good =
      judge({base, model, scan, log, {"gateway/scan/scan.cpp", "#include \"proto/base/log.hpp\""}});
  CHECK_MESSAGE(good.empty(), all_texts(good));

  const Findings bad = judge({base,
                              model,
                              scan,
                              edge,
                              edge_header,
                              {"gateway/scan/scan.cpp", "#include \"gateway/edge/edge.hpp\""}});
  REQUIRE(bad.size() == 1);
  CHECK(bad.front().text().starts_with("gateway/scan/scan.cpp:1: [uses] "));
}

TEST_CASE("tidy rules: targets that use each other in a ring are refused") {
  const Findings found = judge({{"gateway/a/CMakeLists.txt", "davy_library(davy_a USES davy_b)"},
                                {"gateway/b/CMakeLists.txt", "davy_library(davy_b USES davy_c)"},
                                {"gateway/c/CMakeLists.txt", "davy_library(davy_c USES davy_a)"}});
  REQUIRE(found.size() == 1);
  CHECK(found.front().rule == "ring");
  CHECK(found.front().advice.starts_with("davy_a -> davy_b -> davy_c -> davy_a"));
}

TEST_CASE("tidy rules: log lines and docs/operations.md name the same events") {
  const Text source{"gateway/scan/a.cpp",
                    "void f() {\n  log::warn(\n      \"port_lost\", {{\"bus\", name(1)},\n"
                    "                     {\"fault\", \"(\"}});\n}"};
  struct Row {
    const char* what;
    const char* document;
    const char* found;  // nullptr: all is well
  };
  constexpr Row rows[] = {
      {"documented", "## davy-gateway\n| bad | `warn port_lost bus= fault=` | a | b |", nullptr},
      {"not documented", "## davy-gateway\n| bad | none | a | b |", "'port_lost' is not in"},
      {"in another program's section", "## davy-host\n`warn port_lost`", "this program writes no such line"},
      {"another level", "## davy-gateway\n`error port_lost`", "written at level warn"},
      {"a field that is none", "## davy-gateway\n`warn port_lost line=`", "no field line"},
      {"an event that is none", "## davy-gateway\n`warn port_lost` `info port_found`", "`info port_found`"},
      {"other code spans are no events", "## davy-gateway\n`warn port_lost` `warn` `error_code` `df`",
       nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Findings found = judge({source, {"docs/operations.md", row.document}});
    INFO(all_texts(found));
    REQUIRE(found.empty() == (row.found == nullptr));
    if (row.found == nullptr) continue;
    CHECK(found.front().rule == "log event");
    CHECK(all_texts(found).find(row.found) != std::string::npos);
  }
  const Findings hidden = judge({{"host/app/a.cpp", "log::error(event, {});"}});
  REQUIRE(hidden.size() == 1);
  CHECK(hidden.front().advice.starts_with("write the event's name into the call"));
}
