#include <filesystem>
#include <fstream>

#include "tests/fuzz/target.hpp"

// The two functions that libFuzzer calls.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The seeds go into the first corpus folder on the command line, where libFuzzer finds them.
int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    const std::filesystem::path folder{(*argv)[i]};
    if (!std::filesystem::is_directory(folder)) continue;
    const auto seeds = davy::fuzz::seeds();
    for (std::size_t n = 0; n < seeds.size(); ++n) {
      std::ofstream{folder / ("seed-" + std::to_string(n)), std::ios::binary} << seeds[n];
    }
    break;
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  davy::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
