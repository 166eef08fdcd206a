#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace davy::sim {

// A disk in memory that forgets what was not synced. SQLite uses it through a VFS of the given name, so that
// the real spool and the real history run on it unchanged. One connection per file at a time: open with
// SqliteOptions::exclusive.
//   power_loss(): every write since the last sync is kept, torn at a sector or lost, by chance; connections
//   that are still open get I/O errors from then on, and have to be closed before the file is opened again.
class SimDisk {
 public:
  SimDisk(std::string vfs_name, std::uint64_t seed);
  ~SimDisk();
  SimDisk(const SimDisk&) = delete;
  SimDisk& operator=(const SimDisk&) = delete;

  const std::string& vfs() const { return name_; }

  void power_loss();
  // The power goes in the middle of the count-th write or sync from now on; 0 takes it back.
  void power_loss_at(std::uint64_t count) { power_left_ = count; }
  // While full, writes that would make a file grow fail with "disk full".
  void set_full(bool full) { full_ = full; }
  bool has(const std::string& path) const { return files_.contains(path); }
  std::uint64_t bytes_written() const { return bytes_written_; }
  std::uint64_t syncs() const { return syncs_; }

  // For the VFS only.
  struct Write {
    std::size_t offset = 0;
    std::string data;       // empty with truncate
    bool truncate = false;  // to `offset`
  };
  struct File {
    std::string seen;             // what a reader gets now
    std::string durable;          // what power loss leaves for sure
    std::vector<Write> unsynced;  // from durable to seen
  };
  std::shared_ptr<File> open(const std::string& path, bool create);
  bool remove(const std::string& path);
  bool write(File& file, std::size_t offset, const char* data, std::size_t size);
  void truncate(File& file, std::size_t size);
  bool sync(File& file);  // false: the power went before it was done
  std::uint64_t generation() const { return generation_; }
  std::uint64_t random() { return random_(); }

 private:
  std::string name_;
  std::mt19937_64 random_;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::uint64_t generation_ = 0;  // grows with each power loss: older handles are dead
  std::uint64_t bytes_written_ = 0;
  std::uint64_t syncs_ = 0;
  std::uint64_t power_left_ = 0;  // writes and syncs until the power goes; 0: it does not
  bool full_ = false;
  bool power_goes();
  struct Vfs;
  std::unique_ptr<Vfs> registered_;
};

}  // namespace davy::sim
