#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/model/block.hpp"

namespace davy {

// A block as it is stored and sent; never changed again.
struct EncodedBlock {
  std::string envelope;  // a BlockEnvelope, byte for byte
  Hash hash{};           // of the body inside: the next block's `previous`
};

// Largest envelope that is accepted. A full block of incompressible doubles is below 16 KiB; events carry
// text.
inline constexpr std::size_t envelope_size_max = 256 * 1024;

// Turns blocks into bytes. Keeps buffers and a compression context between calls; one per thread.
// docs/protocol.md describes every byte.
class BlockEncoder {
 public:
  BlockEncoder();
  ~BlockEncoder();
  // Samples may come in any order; their order among one point's is kept. At most block_entries_max entries,
  // of points below points_max. Every double, quality and time comes back bit for bit, but: a value whose
  // quality denies it (has_value()) is not sent, and event texts are cleaned and cut to event_text_size_max.
  EncodedBlock encode(const Block& block);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

// Turns bytes back. Trusts nothing: wrong hash, unknown schema, counts, codes or lengths are bad_data with
// the reason, and no input makes it read out of bounds, loop or allocate more than the limits above allow.
class BlockDecoder {
 public:
  BlockDecoder();
  ~BlockDecoder();
  // Samples come out sorted by point index, then in the order they were read.
  Result<Block> decode(std::string_view envelope);
  // The same into memory that is used again: for ingest at full speed. After an error `out` means nothing.
  Status decode_into(std::string_view envelope, Block& out, Hash& hash);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace davy
