#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <unistd.h>

#include "proto/base/assert.hpp"

namespace davy {

// A folder of a test's own, gone when the test is over. In memory where that can be had: thousands of syncs
// to a real disk take minutes and prove nothing that a simulated power cut does not prove better.
class TempFolder {
 public:
  TempFolder() {
    const bool memory = access("/dev/shm", W_OK) == 0;
    const auto root = memory ? std::filesystem::path{"/dev/shm"} : std::filesystem::temp_directory_path();
    path_ = (root / "davy-test-XXXXXX").string();
    DAVY_ASSERT(mkdtemp(path_.data()) != nullptr);
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace davy
