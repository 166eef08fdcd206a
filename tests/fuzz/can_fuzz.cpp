#include <string>

#include "drivers/can/can_errors.hpp"
#include "drivers/can/candump_log.hpp"
#include "drivers/can/sdo_upload.hpp"
#include "drivers/can/tpdo.hpp"
#include "proto/base/assert.hpp"
#include "tests/fuzz/target.hpp"

// What comes from the bus. The first byte of an input says what the rest is: the answers of an SDO server,
// eight bytes each; an error frame and an emergency; or a line of a recording.
namespace davy::fuzz {
namespace {

const SteadyTime now = steady_from_ms(1);

CanFrame frame_from(std::string_view bytes, CanId id) {
  CanFrame frame{.id = id, .size = static_cast<std::uint8_t>(std::min<std::size_t>(bytes.size(), 8))};
  for (std::size_t i = 0; i < frame.size; ++i) frame.data[i] = static_cast<std::uint8_t>(bytes[i]);
  return frame;
}

// Whatever a node answers: the transfer ends, or goes on with a request of ours, and holds no more than the
// limit.
void try_sdo(std::string_view input) {
  SdoUpload upload{7, Duration{100}};
  upload.start({0x1008, 0}, now);
  for (; !input.empty(); input.remove_prefix(std::min<std::size_t>(8, input.size()))) {
    const auto said = upload.take(frame_from(input, upload.answers()), now);
    DAVY_ASSERT(!said || said->id == sdo_request_id(7));
    if (upload.busy()) continue;
    DAVY_ASSERT(!upload.result() || upload.result()->size() <= sdo_size_max);
    DAVY_ASSERT(upload.result() || !upload.result().error().message.empty());
    upload.start({0x1008, 0}, now);
  }
  upload.step(now + Duration{100});
  DAVY_ASSERT(!upload.busy());
}

void try_frames(std::string_view input) {
  const CanFrame frame = frame_from(input, emergency_id(7));
  if (const auto emergency = read_emergency(frame)) DAVY_ASSERT(!describe(*emergency).empty());
  if (input.size() < 12) return;
  const auto classes = static_cast<std::uint32_t>(number_from(frame.bytes().first(4)));
  const CanFrame data = frame_from(input.substr(4), {});
  describe(read_error_frame(classes, std::span{data.data}.first<8>()));
  const MappedObject mapped = read_mapping(classes);
  const TpdoEntry entries[] = {{.name = "a", .bits = mapped.bits}, {.name = "b", .bits = data.data[0]}};
  const auto message = tpdo_message(read_tpdo_id(classes).value_or(CanId{}), "t", entries, {});
  DAVY_ASSERT(!message || message->size <= 8);
}

void try_line(std::string_view line) {
  const auto read = read_candump_line(line);
  if (!read) {
    DAVY_ASSERT(read.error().code == Errc::bad_data && !read.error().message.empty());
  } else if (*read) {
    DAVY_ASSERT(is_possible((*read)->frame.id) && (*read)->frame.size <= can_data_max);
  }
}

}  // namespace

void try_input(std::string_view input) {
  if (input.empty()) return;
  switch (input.front()) {
    case 's': return try_sdo(input.substr(1));
    case 'f': return try_frames(input.substr(1));
    default: return try_line(input.substr(1));
  }
}

std::vector<std::string> seeds() {
  using namespace std::string_literals;
  return {
      "s\x41\x08\x10\x00\x09\x00\x00\x00\x00"s + "1234567\x1B"s + "89\x00\x00\x00\x00\x00"s,
      "s\x4F\x08\x10\x00\x2A\x00\x00\x00\x80\x08\x10\x00\x11\x00\x09\x06"s,
      "f\x2C\x00\x00\x00\x00\x20\x05\x00\x00\x00\x80\x7F"s,
      "f\x10\x31\x05\x01\x02\x03\x04\x05"s,
      "l(1583281798.617000) can0 0DFD0216#FFA40151",
      "l  can0  123   [3]  01 02 03",
      "l<0x0dfd0216> [3] ff a4 01 ",
      "l(0.000000) can0 123##1FFA401",
  };
}

}  // namespace davy::fuzz
