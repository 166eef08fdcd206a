#include "drivers/tags/tag_registers.hpp"

#include "drivers/tags/tag_fifo.hpp"
#include "drivers/tags/tag_ring.hpp"

namespace davy {

std::unique_ptr<TagRegisters> make_tag_registers(const DeviceProfile& profile, std::uint8_t unit,
                                                 const std::string& reader) {
  if (!profile.tag_reader) return nullptr;
  if (const auto* ring = std::get_if<TagRingProfile>(&*profile.tag_reader)) {
    return std::make_unique<TagRing>(*ring, profile, unit, reader);
  }
  if (const auto* fifo = std::get_if<TagFifoProfile>(&*profile.tag_reader)) {
    return std::make_unique<TagFifo>(*fifo, profile, unit, reader);
  }
  return nullptr;
}

}  // namespace davy
