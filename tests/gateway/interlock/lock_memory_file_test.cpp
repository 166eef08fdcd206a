#include "gateway/interlock/lock_memory_file.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "tests/support/temp_folder.hpp"

using namespace davy;

TEST_CASE("lock memory: what is saved is loaded; no file is nothing locked") {
  const TempFolder folder;
  const std::string path = folder.file("locks");
  CHECK(load_locked_fans(path).value().empty());
  for (const std::vector<std::string>& names :
       {std::vector<std::string>{"N1201-F", "风机-2"}, std::vector<std::string>{}}) {
    REQUIRE(save_locked_fans(path, names));
    CHECK(load_locked_fans(path) == names);
  }
}

TEST_CASE("lock memory: a file that is not ours, or not whole, is an error and locks nothing") {
  const TempFolder folder;
  const std::string path = folder.file("locks");
  for (const char* text : {"", "N1201-F\n", "davy locked fans 1\nN12", "davy locked fans 2\nF\n",
                           "davy locked fans 1\n\n", "davy locked fans 1\na b\n"}) {
    CAPTURE(text);
    std::ofstream{path} << text;
    const auto loaded = load_locked_fans(path);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == Errc::corrupt);
    CHECK(loaded.error().message.starts_with(path));
  }
  CHECK_FALSE(save_locked_fans(folder.file("none/locks"), {}));
}
