#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "gateway/spool/sqlite_spool.hpp"

// What the spool's tests share: blocks whose content tells their number, and a folder that goes with the
// test.
namespace davy::test {

inline const WallTime noon = wall_from_ms(1'800'000'000'000);

inline Uuid uuid_of(std::uint8_t tag) {
  Uuid out{};
  out.fill(tag);
  return out;
}

// A block as the spool sees it: bytes. `size` pads it to a realistic length.
inline EncodedBlock block_of(std::uint64_t seq, std::size_t size = 600) {
  EncodedBlock out;
  out.envelope = "block " + std::to_string(seq) + " ";
  for (std::uint64_t x = seq * 2654435761U + 1; out.envelope.size() < size;
       x = x * 6364136223846793005U + 1) {
    out.envelope += static_cast<char>(x >> 56U);
  }
  out.hash = hash_of(out.envelope);
  return out;
}

struct Folder {
  Folder() {
    // In memory where that exists: thousands of synced commits on a real disk would take minutes.
    std::string name =
        std::filesystem::exists("/dev/shm") ? "/dev/shm/davy-spool-XXXXXX" : "/tmp/davy-spool-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

}  // namespace davy::test
