#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/can/can_frame.hpp"
#include "proto/base/result.hpp"

namespace davy {

// One frame of a recording.
struct RecordedFrame {
  CanFrame frame;
  std::string interface;  // empty: the line does not say
  std::optional<std::int64_t>
      time_us;  // as recorded: since 1970, or since whatever the recorder counted from
};

// One line of what candump prints or records, in any of its three shapes:
//   (1583281798.617000) can0 0DFD0216#FFA40151F2FBFFFF      candump -l, -L
//    (000.000000)  can0  0DFD0216   [8]  FF A4 01 51        candump, with or without time
//   <0x0dfd0216> [8] ff a4 01 51 f2 fb ff ff                the oldest
// Nothing for a line that holds no frame: blank, a comment, a heading. An error says what is wrong in the
// line.
Result<std::optional<RecordedFrame>> read_candump_line(std::string_view line);

}  // namespace davy
