#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "proto/base/assert.hpp"

namespace davy {

// A folder of a test's own, gone when the test is over.
class TempFolder {
 public:
  TempFolder() : path_{(std::filesystem::temp_directory_path() / "davy-test-XXXXXX").string()} {
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
