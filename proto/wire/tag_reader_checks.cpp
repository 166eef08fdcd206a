#include "proto/wire/tag_reader_checks.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "proto/wire/profile.pb.h"

namespace davy {
namespace {

constexpr std::uint64_t addresses = 65536;
constexpr std::uint64_t register_bits = 16;
constexpr std::uint64_t request_max = 125;  // registers
constexpr double factor_max = 1e12;
constexpr std::uint64_t columns_max = 64;

bool holds_registers(wire::RegisterTable table) {
  return table == wire::HOLDING_REGISTER || table == wire::INPUT_REGISTER;
}

// One TagSlot within its `size` registers.
class SlotCheck {
 public:
  SlotCheck(const wire::TagSlot& slot, std::uint64_t size, const ConfigNode& node, ConfigText& config)
      : slot_{slot}, size_{size}, node_{node}, config_{config} {}

  void run() {
    const auto& tag = slot_.tag();
    const auto tag_node = node_.child("tag");
    if (tag.registers() != 1 && tag.registers() != 2 && tag.registers() != 4) {
      config_.problem(tag_node, "registers",
                      "is " + std::to_string(tag.registers()) + "; a tag has 1, 2 or 4 registers");
    } else {
      check_place(tag_node, tag.register_(), tag.registers());
    }
    if (slot_.has_number_register() && slot_.number_register() >= size_) {
      config_.problem(node_, "number_register", beyond(slot_.number_register(), 1));
    }
    if (slot_.has_distance()) check_field(slot_.distance(), node_.child("distance"));
    if (slot_.has_rssi()) check_field(slot_.rssi(), node_.child("rssi"));
    if (slot_.has_age()) check_field(slot_.age(), node_.child("age"));
    if (slot_.has_before()) check_flag(slot_.before(), node_.child("before"));
    if (slot_.has_sos()) check_flag(slot_.sos(), node_.child("sos"));
    if (slot_.has_low_battery()) check_flag(slot_.low_battery(), node_.child("low_battery"));
    if (slot_.has_before() && !slot_.has_distance()) {
      config_.problem(node_, "before",
                      "tells the side of a distance, and there is no distance; leave it out");
    }
  }

 private:
  std::string beyond(std::uint64_t first, std::uint64_t count) const {
    return "is " + std::to_string(first) + ", which with " + std::to_string(count) +
           " register(s) is beyond the slot's " + std::to_string(size_);
  }

  void check_place(const ConfigNode& node, std::uint64_t first, std::uint64_t count) {
    if (first + count > size_) config_.problem(node, "register", beyond(first, count));
  }

  void check_field(const wire::SlotField& field, const ConfigNode& node) {
    const auto encoding = field.encoding();
    const bool wide = encoding == wire::U32 || encoding == wire::S32 || encoding == wire::FLOAT32;
    check_place(node, field.register_(), wide ? 2 : 1);
    if (field.scale() == 0 || std::abs(field.scale()) > factor_max) {
      config_.problem(node, "scale", "must be a number other than 0, within +-1e12");
    }
    if (encoding == wire::BIT) {
      return config_.problem(node, "encoding", "must be a number; BIT is for flags");
    }
    if (encoding != wire::BITS) {
      if (field.has_bit_first()) config_.problem(node, "bit_first", "is only for BITS; leave it out");
      if (field.has_bit_count()) config_.problem(node, "bit_count", "is only for BITS; leave it out");
      return;
    }
    config_.check_range(node, "bit_first", field.bit_first(), 0, register_bits - 1);
    config_.check_range(node, "bit_count", field.bit_count(), 1, register_bits);
    if (std::uint64_t{field.bit_first()} + field.bit_count() > register_bits) {
      config_.problem(node, "bit_count", "reaches beyond bit 15: bit_first + bit_count must be at most 16");
    }
  }

  void check_flag(const wire::SlotFlag& flag, const ConfigNode& node) {
    check_place(node, flag.register_(), 1);
    config_.check_range(node, "bit", flag.bit(), 0, register_bits - 1);
  }

  const wire::TagSlot& slot_;
  const std::uint64_t size_;
  const ConfigNode& node_;
  ConfigText& config_;
};

// Of ring and FIFO alike: where the slots are and what is in one.
template <typename Slots>
void check_slots(const Slots& in, std::uint64_t count, std::uint64_t per_request, const ConfigNode& node,
                 ConfigText& config) {
  if (in.has_table() && !holds_registers(in.table())) {
    config.problem(node, "table", "must be HOLDING_REGISTER or INPUT_REGISTER: a slot is made of registers");
  }
  config.check_range(node, "slot_registers", in.slot_registers(), 1, per_request);
  if (in.first_slot_address() + count * in.slot_registers() > addresses) {
    config.problem(node, "first_slot_address",
                   "is " + std::to_string(in.first_slot_address()) + ", which with " + std::to_string(count) +
                       " slots is beyond the last register, 65535");
  }
  const auto slot = node.child("slot");
  SlotCheck{in.slot(), in.slot_registers(), slot, config}.run();
}

void check_ring(const wire::TagRing& in, std::uint64_t per_request, const ConfigNode& node,
                ConfigText& config) {
  config.check_range(node, "newest_address", in.newest_address(), 0, addresses - 1);
  if (in.has_capacity() == in.has_capacity_address()) {
    config.problem(node, in.has_capacity() ? "capacity_address" : "capacity",
                   "a ring has exactly one of capacity and capacity_address");
  }
  if (in.has_capacity_address() && in.capacity_address() == in.newest_address()) {
    config.problem(node, "capacity_address", "is newest_address too; the two must differ");
  }
  if (in.has_capacity()) config.check_range(node, "capacity", in.capacity(), 1, tag_ring_slots_max);
  config.check_range(node, "capacity_address", in.capacity_address(), 0, addresses - 1);
  check_slots(in, std::max(1U, std::min<std::uint32_t>(in.capacity(), tag_ring_slots_max)), per_request, node,
              config);
  if (!in.slot().has_number_register()) {
    config.problem(node.child("slot"), "number_register",
                   "is missing: without it nobody sees whether a slot of a ring is new");
  }
}

void check_fifo(const wire::TagFifo& in, std::uint64_t per_request, const ConfigNode& node,
                ConfigText& config) {
  for (const auto& [field, value] :
       {std::pair{"count_address", in.count_address()}, std::pair{"release_address", in.release_address()},
        std::pair{"overrun_address", in.overrun_address()}}) {
    config.check_range(node, field, value, 0, addresses - 1);
  }
  config.check_range(node, "slots", in.slots(), 1, tag_ring_slots_max);
  check_slots(in, std::min<std::uint32_t>(in.slots(), tag_ring_slots_max), per_request, node, config);
  const bool writes = in.release() != wire::GONE_WHEN_READ;
  if (in.has_release() && writes != in.has_release_address()) {
    config.problem(node, "release_address",
                   writes ? "is missing: what was read is written there"
                          : "is written to by WRITE_COUNT and WRITE_NUMBER only; leave it out");
  }
  if (in.release() == wire::WRITE_NUMBER && !in.slot().has_number_register()) {
    config.problem(node, "release", "WRITE_NUMBER needs the number in the slot; give slot.number_register");
  }
  if (in.has_overrun() && !in.has_overrun_address()) {
    config.problem(node, "overrun", "needs overrun_address");
  }
  if (in.overrun() == wire::OVERRUN_FLAG && in.table() != wire::HOLDING_REGISTER) {
    config.problem(node, "overrun",
                   "a flag that cannot be written back to 0 shows one overrun only; the table must be "
                   "HOLDING_REGISTER, or take OVERRUN_COUNT");
  }
}

void check_can(const wire::TagCan& in, const ConfigNode& node, ConfigText& config) {
  if (in.has_dbc() && in.dbc().empty()) config.problem(node, "dbc", "is empty; name the DBC file");
  if (in.message_size() == 0) config.problem(node, "message", "is missing: a reader sends at least one");
  for (int i = 0; i < in.message_size(); ++i) {
    const auto& message = in.message(i);
    const auto message_node = node.child("message", i);
    for (const auto& [field, value] :
         {std::pair{"name", &message.name()}, std::pair{"tag", &message.tag()}}) {
      if (value->empty()) config.problem(message_node, field, "is empty; take the name from the DBC file");
    }
    for (const auto& [field, scale] : {std::pair{"distance_scale", message.distance_scale()},
                                       std::pair{"age_scale", message.age_scale()}}) {
      if (scale == 0 || std::abs(scale) > factor_max) {
        config.problem(message_node, field, "must be a number other than 0, within +-1e12");
      }
    }
    if (message.has_before() && !message.has_distance()) {
      config.problem(message_node, "before",
                     "tells the side of a distance, and there is no distance; leave it out");
    }
  }
}

class LinesCheck {
 public:
  LinesCheck(const wire::TagLines& in, const ConfigNode& node, ConfigText& config)
      : in_{in}, node_{node}, config_{config} {}

  void run() {
    if (in_.has_port()) config_.check_range(node_, "port", in_.port(), 1, addresses - 1);
    config_.check_range(node_, "line_length_max", in_.line_length_max(), 16, 4096);
    if (in_.silent_after_ms() != 0) {
      config_.check_range(node_, "silent_after_ms", in_.silent_after_ms(), 100, 3'600'000);
    }
    config_.check_range(node_, "number_modulus", in_.number_modulus(), 2, std::uint64_t{1} << 32U);
    if (in_.tag_base() != 10 && in_.tag_base() != 16) config_.problem(node_, "tag_base", "must be 10 or 16");
    for (const auto& [field, text] :
         {std::pair{"separator", &in_.separator()}, std::pair{"key_sign", &in_.key_sign()}}) {
      if (text->empty() || text->size() > 8) config_.problem(node_, field, "must be 1 to 8 characters");
    }
    if (in_.separator() == in_.key_sign()) {
      config_.problem(node_, "key_sign", "is the separator too; the two must differ");
    }
    for (int i = 0; i < in_.ignored_size(); ++i) {
      if (in_.ignored(i).empty()) {
        config_.problem(node_, "ignored", "is empty: every line would be ignored", i);
      }
    }
    check_field("tag", in_.tag(), true);
    check_field("number", in_.number(), in_.has_number());
    check_field("distance", in_.distance(), in_.has_distance());
    check_field("before", in_.before(), in_.has_before());
    check_field("rssi", in_.rssi(), in_.has_rssi());
    check_field("age", in_.age(), in_.has_age());
    check_field("sos", in_.sos(), in_.has_sos());
    check_field("low_battery", in_.low_battery(), in_.has_low_battery());
  }

 private:
  void check_field(const char* name, const wire::LineField& field, bool given) {
    if (!given || (std::string_view{name} == "tag" && !in_.has_tag())) return;
    const auto node = node_.child(name);
    if (field.has_column() == field.has_key()) {
      return config_.problem(node, field.has_column() ? "key" : "column",
                             "a field has exactly one of column and key");
    }
    if (field.scale() == 0 || std::abs(field.scale()) > factor_max) {
      config_.problem(node, "scale", "must be a number other than 0, within +-1e12");
    }
    if (field.word().empty()) config_.problem(node, "word", "is empty; say what stands there when it is on");
    if (field.has_key() && field.key().empty()) return config_.problem(node, "key", "is empty");
    if (field.has_column()) config_.check_range(node, "column", field.column(), 1, columns_max);
    const std::string place =
        field.has_key() ? "key " + in_quotes(field.key()) : "column " + std::to_string(field.column());
    const auto [first, added] = taken_.emplace(place, name);
    // Flags may share a column and differ in their words: "S" for SOS, "B" for battery.
    if (added || (field.has_word() && first->second != "tag")) return;
    config_.problem(node, field.has_key() ? "key" : "column", "is that of " + first->second + " already");
  }

  const wire::TagLines& in_;
  const ConfigNode& node_;
  ConfigText& config_;
  std::map<std::string, std::string> taken_;
};

}  // namespace

void check_tag_reader(const wire::Profile& profile, const ConfigNode& root, ConfigText& config) {
  const auto& in = profile.tag_reader();
  const auto node = root.child("tag_reader");
  const int ways = in.has_ring() + in.has_fifo() + in.has_can() + in.has_lines();
  if (ways != 1) {
    return config.problem(root, "tag_reader", "has exactly one of ring, fifo, can and lines");
  }
  const std::uint64_t per_request =
      std::clamp<std::uint64_t>(profile.modbus().registers_per_request_max(), 1, request_max);
  if (in.has_ring()) check_ring(in.ring(), per_request, node.child("ring"), config);
  if (in.has_fifo()) check_fifo(in.fifo(), per_request, node.child("fifo"), config);
  if (in.has_can()) check_can(in.can(), node.child("can"), config);
  if (in.has_lines()) LinesCheck{in.lines(), node.child("lines"), config}.run();
  if (profile.has_modbus() && (in.has_can() || in.has_lines())) {
    config.problem(root, "modbus", "a reader on CAN or with lines is not behind Modbus; leave it out");
  }
}

}  // namespace davy
