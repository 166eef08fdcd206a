#pragma once

#include <string>

#include "proto/base/result.hpp"

namespace davy {

// Where the host keeps everything that is its own.
struct DataFolder {
  std::string path;
  std::string history() const { return path + "/history.db"; }
  std::string users() const { return path + "/users.db"; }
};

// Makes the folder when it is missing, for us alone. denied: it belongs to somebody else, who would find
// files there that cannot be used; the message says how to do it right.
Result<DataFolder> open_data_folder(const std::string& path);

}  // namespace davy
