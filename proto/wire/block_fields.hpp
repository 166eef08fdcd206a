#pragma once

#include <cstdint>
#include <string_view>

#include "proto/base/result.hpp"
#include "proto/model/block.hpp"

// The protobuf part of a block, read in place. Not for other folders.
namespace davy {

struct EnvelopeFields {
  std::string_view body;
  std::string_view hash;
  std::string_view signature;
};
Status read_envelope(std::string_view bytes, EnvelopeFields& out);

// What a body says about its samples; header, sightings and events go straight into the block.
struct ColumnFields {
  std::string_view columns;
  std::size_t sample_count = 0;
  std::size_t columns_size = 0;
  bool compressed = false;
};
Status read_body(std::string_view bytes, Block& out, ColumnFields& columns);

}  // namespace davy
