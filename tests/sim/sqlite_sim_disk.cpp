#include "tests/sim/sqlite_sim_disk.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <sqlite3.h>

#include "proto/base/assert.hpp"

namespace davy::sim {
namespace {

constexpr std::size_t sector = 512;

void put_into(std::string& content, const SimDisk::Write& write) {
  if (write.truncate) {
    content.resize(std::min(content.size(), write.offset));
    return;
  }
  if (content.size() < write.offset + write.data.size())
    content.resize(write.offset + write.data.size(), '\0');
  content.replace(write.offset, write.data.size(), write.data);
}

// What SQLite holds for an open file: its own header first, then ours.
struct Handle {
  sqlite3_file base;
  SimDisk* disk;
  std::shared_ptr<SimDisk::File>* file;
  std::uint64_t generation;

  bool dead() const { return generation != disk->generation(); }
};

// By way of void: SQLite aligned the handle for anything, which the type of `file` does not tell.
Handle& of(sqlite3_file* file) { return *static_cast<Handle*>(static_cast<void*>(file)); }

int x_close(sqlite3_file* file) {
  delete of(file).file;
  return SQLITE_OK;
}

int x_read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_READ;
  const std::string& content = (*handle.file)->seen;
  const auto offset = static_cast<std::size_t>(at);
  const auto wanted = static_cast<std::size_t>(size);
  const std::size_t there = offset < content.size() ? std::min(wanted, content.size() - offset) : 0;
  if (there > 0) std::memcpy(out, content.data() + offset, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_WRITE;
  const bool done = handle.disk->write(**handle.file, static_cast<std::size_t>(at),
                                       static_cast<const char*>(data), static_cast<std::size_t>(size));
  if (handle.dead()) return SQLITE_IOERR_WRITE;
  return done ? SQLITE_OK : SQLITE_FULL;
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_TRUNCATE;
  handle.disk->truncate(**handle.file, static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int x_sync(sqlite3_file* file, int) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_FSYNC;
  return handle.disk->sync(**handle.file) ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int x_size(sqlite3_file* file, sqlite3_int64* size) {
  Handle& handle = of(file);
  if (handle.dead()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>((*handle.file)->seen.size());
  return SQLITE_OK;
}

int x_lock(sqlite3_file*, int) { return SQLITE_OK; }
int x_check_lock(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int x_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int x_sector_size(sqlite3_file*) { return static_cast<int>(sector); }
int x_characteristics(sqlite3_file*) { return 0; }

constexpr sqlite3_io_methods make_methods() {
  sqlite3_io_methods m{};
  m.iVersion = 1;  // no shared memory: WAL works in exclusive locking mode only
  m.xClose = x_close;
  m.xRead = x_read;
  m.xWrite = x_write;
  m.xTruncate = x_truncate;
  m.xSync = x_sync;
  m.xFileSize = x_size;
  m.xLock = x_lock;
  m.xUnlock = x_lock;
  m.xCheckReservedLock = x_check_lock;
  m.xFileControl = x_control;
  m.xSectorSize = x_sector_size;
  m.xDeviceCharacteristics = x_characteristics;
  return m;
}
const sqlite3_io_methods methods = make_methods();

SimDisk& disk_of(sqlite3_vfs* vfs) { return *static_cast<SimDisk*>(vfs->pAppData); }

int x_open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  SimDisk& disk = disk_of(vfs);
  const bool create = (flags & SQLITE_OPEN_CREATE) != 0;
  static std::uint64_t nameless = 0;
  auto file = disk.open(path != nullptr ? path : "temporary-" + std::to_string(++nameless), create);
  Handle& handle = of(out);
  handle.base.pMethods = nullptr;
  if (!file) return SQLITE_CANTOPEN;
  handle.base.pMethods = &methods;
  handle.disk = &disk;
  handle.file = new std::shared_ptr<SimDisk::File>{std::move(file)};
  handle.generation = disk.generation();
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int x_delete(sqlite3_vfs* vfs, const char* path, int) {
  return disk_of(vfs).remove(path) ? SQLITE_OK : SQLITE_IOERR_DELETE_NOENT;
}

int x_access(sqlite3_vfs* vfs, const char* path, int, int* out) {
  *out = disk_of(vfs).has(path) ? 1 : 0;
  return SQLITE_OK;
}

int x_full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", path);
  return SQLITE_OK;
}

int x_randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk_of(vfs).random());
  return size;
}
int x_sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
// The library's own clock is not part of the simulation; a constant keeps runs equal.
int x_time(sqlite3_vfs*, double* out) {
  *out = 2460000.5;
  return SQLITE_OK;
}
int x_last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

namespace {
// Two disks never share a name, however alike the worlds are that they are in.
std::uint64_t disks_made = 0;
}  // namespace

struct SimDisk::Vfs {
  sqlite3_vfs vfs{};
};

SimDisk::SimDisk(std::string vfs_name, std::uint64_t seed)
    : name_{std::move(vfs_name) + "#" + std::to_string(++disks_made)},
      random_{seed},
      registered_{std::make_unique<Vfs>()} {
  sqlite3_vfs& vfs = registered_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = x_open;
  vfs.xDelete = x_delete;
  vfs.xAccess = x_access;
  vfs.xFullPathname = x_full_path;
  vfs.xRandomness = x_randomness;
  vfs.xSleep = x_sleep;
  vfs.xCurrentTime = x_time;
  vfs.xGetLastError = x_last_error;
  DAVY_ASSERT(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

SimDisk::~SimDisk() { sqlite3_vfs_unregister(&registered_->vfs); }

std::shared_ptr<SimDisk::File> SimDisk::open(const std::string& path, bool create) {
  const auto at = files_.find(path);
  if (at != files_.end()) return at->second;
  if (!create) return nullptr;
  return files_.emplace(path, std::make_shared<File>()).first->second;
}

bool SimDisk::remove(const std::string& path) { return files_.erase(path) > 0; }

bool SimDisk::write(File& file, std::size_t offset, const char* data, std::size_t size) {
  if (full_ && offset + size > file.seen.size()) return false;
  file.unsynced.push_back({offset, std::string(data, size), false});
  put_into(file.seen, file.unsynced.back());
  bytes_written_ += size;
  return !power_goes();
}

void SimDisk::truncate(File& file, std::size_t size) {
  file.unsynced.push_back({size, {}, true});
  put_into(file.seen, file.unsynced.back());
}

bool SimDisk::sync(File& file) {
  if (power_goes()) return false;
  // Replays instead of copying: a synced file of many megabytes with one new page costs one page.
  for (const Write& write : file.unsynced) put_into(file.durable, write);
  file.unsynced.clear();
  ++syncs_;
  return true;
}

bool SimDisk::power_goes() {
  if (power_left_ == 0 || --power_left_ > 0) return false;
  power_loss();
  return true;
}

void SimDisk::power_loss() {
  ++generation_;
  for (auto& [path, file] : files_) {
    for (Write& write : file->unsynced) {
      switch (random_() % 4) {
        case 0: break;  // lost
        case 1:         // torn: only whole sectors from the front arrived
          if (!write.truncate) {
            const std::uint64_t sectors = random_() % (write.data.size() / sector + 1);
            write.data.resize(static_cast<std::size_t>(sectors) * sector);
          }
          [[fallthrough]];
        default: put_into(file->durable, write);
      }
    }
    // A new object: handles from before must not see what is written from now on.
    auto after = std::make_shared<File>();
    after->durable = std::move(file->durable);
    after->seen = after->durable;
    file = std::move(after);
  }
}

}  // namespace davy::sim
