#include "gateway/interlock/lock_memory_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "proto/wire/text_rules.hpp"

namespace davy {
namespace {

constexpr std::string_view first_line = "davy locked fans 1";
constexpr std::size_t file_size_max = 64 * 1024;

class File {
 public:
  File(const std::string& path, int flags) : descriptor_{::open(path.c_str(), flags | O_CLOEXEC, 0640)} {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

std::unexpected<Error> failed(const std::string& path, const char* what) {
  const int error = errno;
  return fail(Errc::unavailable, path + ": cannot be " + what + ": " + std::strerror(error));
}

bool write_whole(int to, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(to, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Result<std::vector<std::string>> load_locked_fans(const std::string& path) {
  const File file{path, O_RDONLY};
  if (!file.open() && errno == ENOENT) return std::vector<std::string>{};
  if (!file.open()) return failed(path, "read");
  std::string text(file_size_max, '\0');
  const ssize_t size = ::read(file.descriptor(), text.data(), text.size());
  if (size < 0) return failed(path, "read");
  text.resize(static_cast<std::size_t>(size));
  const auto corrupt = [&] { return fail(Errc::corrupt, path + ": is no list of locked fans; remove it"); };
  if (text.empty() || text.back() != '\n') return corrupt();  // cut off
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = text.find('\n', from);
    lines.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  if (lines.front() != first_line) return corrupt();
  lines.erase(lines.begin());
  if (!std::ranges::all_of(lines, [](const std::string& name) { return is_name(name); })) return corrupt();
  return lines;
}

Status save_locked_fans(const std::string& path, const std::vector<std::string>& names) {
  std::string text{first_line};
  for (const std::string& name : names) text += "\n" + name;
  text += "\n";
  const std::string fresh = path + ".new";
  {
    const File file{fresh, O_WRONLY | O_CREAT | O_TRUNC};
    if (!file.open() || !write_whole(file.descriptor(), text) || ::fsync(file.descriptor()) != 0) {
      return failed(fresh, "written");
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return failed(path, "replaced");
  const auto parent = std::filesystem::path{path}.parent_path();
  const File folder{parent.empty() ? "." : parent.string(), O_RDONLY | O_DIRECTORY};
  if (!folder.open() || ::fsync(folder.descriptor()) != 0) return failed(path, "made durable");
  return {};
}

}  // namespace davy
