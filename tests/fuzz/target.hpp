#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What a fuzz target consists of; davy_fuzz makes a libFuzzer program of it, or a test without clang.
namespace davy::fuzz {

// Feeds one input to the code under test. Aborts (DAVY_ASSERT) when a property does not hold.
void try_input(std::string_view input);

// Well-formed inputs to start from: what our own encoders make.
std::vector<std::string> seeds();

}  // namespace davy::fuzz
