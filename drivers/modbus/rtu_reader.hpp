#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/register_bus.hpp"

namespace davy {

// How the attempt to receive one frame ended.
enum class Arrival : std::uint8_t {
  frame,         // whole, with a right checksum, from the unit that was asked
  other_unit,    // whole, from another
  bad_checksum,  // something came, and nothing in it is a frame
  cut_short,     // it began and did not end
  unfit,         // it announces more than a frame can hold
};

struct Received {
  Arrival arrival{};
  std::span<const std::uint8_t> bytes;  // from the unit on, without checksum; valid until the next call
};

// Finds the answer to one request in what comes from a line, in whatever pieces. A frame ends where its
// length says and counts only with a right checksum; what stands before a right answer, such as the spark of
// a transceiver that switches, is passed over.
class RtuReader {
 public:
  // Forgets everything: from now on the answer of this unit is waited for.
  void expect(std::uint8_t unit);
  void add(std::span<const std::uint8_t> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  // The next whole frame. None: more has to come, or the silence that ends it.
  std::optional<Received> next();
  // Silence: what is there will not become a frame any more. Only when has_part().
  Received end();
  bool has_part() const { return bytes_.size() > taken_; }
  // More than two whole frames without one that counts: somebody does not stop sending.
  bool is_flooded() const;
  // For a person: "01 04 02 ...", the first of what there is.
  std::string heard() const;

 private:
  std::optional<std::size_t> whole_frame_at(std::size_t at) const;

  std::uint8_t unit_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::size_t taken_ = 0;  // of bytes_, by what was given out last
};

}  // namespace davy
