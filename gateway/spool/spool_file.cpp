#include "gateway/spool/spool_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "gateway/spool/sqlite_spool_sql.hpp"

namespace davy::spool {
namespace {

namespace fs = std::filesystem;

Errc consequence(int error) {
  if (error == ENOSPC || error == EDQUOT) return Errc::full;
  if (error == EACCES || error == EPERM || error == EROFS) return Errc::denied;
  if (error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG)
    return Errc::bad_config;
  return Errc::unavailable;
}

std::unexpected<Error> failure(const std::string& doing, int error) {
  return fail(consequence(error), "spool: " + doing + ": " + std::strerror(error));
}

// 20270115T080000Z
std::string compact_time(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

void remove_old_ruins(const fs::path& path) {
  const std::string prefix = path.filename().string() + ".corrupt-";
  std::vector<fs::path> ruins;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{path.parent_path(), ignored}) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(prefix) && !name.ends_with("-wal")) ruins.push_back(entry.path());
  }
  std::ranges::sort(ruins);  // their names carry the time
  for (std::size_t i = 0; i + set_aside_max < ruins.size(); ++i) {
    fs::remove(ruins[i], ignored);
    fs::remove(ruins[i].string() + "-wal", ignored);
  }
}

}  // namespace

Status make_private_file(const std::string& path) {
  std::error_code error;
  const auto folder = fs::path{path}.parent_path();
  if (!folder.empty() && !fs::exists(folder, error)) {
    if (!fs::create_directories(folder, error))
      return failure("create folder " + folder.string(), error.value());
    fs::permissions(folder, fs::perms::owner_all, error);
  }
  // Only a file that is not there yet is opened: closing a second handle would let go of the locks of the
  // first.
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) {
    ::close(file);
    return {};
  }
  if (errno != EEXIST) return failure("create " + path, errno);
  if (fs::is_directory(path, error)) return failure("open " + path + ": spool.path needs a file", EISDIR);
  if (::access(path.c_str(), R_OK | W_OK) != 0) return failure("open " + path + " for writing", errno);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
  return {};
}

Result<std::string> set_aside(const std::string& path, WallTime now) {
  const std::string first = path + ".corrupt-" + compact_time(now);
  std::string name = first;
  std::error_code error;
  for (int i = 2; fs::exists(name, error); ++i) name = first + "-" + std::to_string(i);
  fs::rename(path, name, error);
  if (error) return failure("set " + path + " aside as " + name, error.value());
  fs::rename(path + "-wal", name + "-wal", error);
  fs::remove(path + "-shm", error);
  fs::remove(path + suspect_suffix, error);
  remove_old_ruins(path);
  return name;
}

std::string name_of_holder(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return {};
  std::array<char, 64> wanted{};
  std::snprintf(wanted.data(), wanted.size(), "%02x:%02x:%llu", major(file.st_dev), minor(file.st_dev),
                static_cast<unsigned long long>(file.st_ino));
  std::ifstream locks{"/proc/locks"};
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words{line};
    std::string number, kind, strictness, mode, pid, inode;
    words >> number >> kind >> strictness >> mode >> pid >> inode;
    if (inode != wanted.data() || pid == "-1" || pid == "0") continue;
    std::string name;
    std::getline(std::ifstream{"/proc/" + pid + "/comm"}, name);
    return " by process " + pid + (name.empty() ? "" : " (" + name + ")");
  }
  return {};
}

}  // namespace davy::spool
