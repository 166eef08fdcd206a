#include <doctest/doctest.h>

#include "tests/tidy/rules.hpp"

using namespace davy::tidy;

// Run from the root of the project, as ctest does.
TEST_CASE("tidy: the project keeps its own rules") {
  const Tree tree = read_tree(".");
  REQUIRE_MESSAGE(tree.find("tests/tidy/tidy_test.cpp") != nullptr,
                  "run this test from the root of the project");
  for (const Finding& finding : check_all(tree)) {
    if (finding.rule == "link") {
      MESSAGE(finding.text());
    } else {
      FAIL_CHECK(finding.text());
    }
  }
}
