#include <array>
#include <vector>

#include "drivers/can/bit_position.hpp"
#include "drivers/can/message_decoder.hpp"
#include "proto/base/assert.hpp"
#include "tests/fuzz/target.hpp"

// DBC files, and the frames of the messages they describe: an input is a file, whose own bytes are the
// frames. Properties: what is refused is told with its place; what is accepted lies within its message, and
// decodes any frame.
namespace davy::fuzz {
namespace {

void check_signal(const DbcMessage& message, const DbcSignal& signal) {
  DAVY_ASSERT(signal.length >= 1 && signal.length <= 64 && signal.factor != 0);
  DAVY_ASSERT(position_of(signal).end_byte() <= message.size);
  DAVY_ASSERT(!signal.selection || message.signals[signal.selection->multiplexer].multiplexer);
}

void try_frames(const DbcMessage& message, std::string_view input) {
  MessageDecoder decoder{message};
  std::vector<SignalValue> values(decoder.count());
  std::vector<std::uint8_t> bytes;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, can_data_max}) {
    bytes.assign(size, 0);
    for (std::size_t i = 0; i < size && i < input.size(); ++i) bytes[i] = static_cast<std::uint8_t>(input[i]);
    decoder.decode(bytes, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool room = position_of(message.signals[i]).end_byte() <= size;
      DAVY_ASSERT(room || !values[i].present);
      DAVY_ASSERT(!room || values[i].present || message.signals[i].selection);
    }
  }
}

}  // namespace

void try_input(std::string_view input) {
  const auto dbc = parse_dbc(input, "bus.dbc");
  if (!dbc) {
    DAVY_ASSERT(dbc.error().code == Errc::bad_config);
    DAVY_ASSERT(dbc.error().message.starts_with("bus.dbc:"));
    return;
  }
  DAVY_ASSERT(!dbc->messages.empty());
  for (const DbcMessage& message : dbc->messages) {
    DAVY_ASSERT(is_possible(message.id) && message.size <= can_data_max);
    for (const DbcSignal& signal : message.signals) check_signal(message, signal);
    try_frames(message, input.substr(input.size() / 2));
  }
}

std::vector<std::string> seeds() {
  return {
      "VERSION \"\"\nNS_ :\n\tCM_\nBS_:\nBU_: A B\nBO_ 291 M: 8 A\n SG_ a : 0|16@1+ (0.01,0) [0|100] \"%\" "
      "B\n"
      " SG_ b : 23|12@0- (0.1,-40) [0|0] \"C\" B,A\nCM_ SG_ 291 a \"x \\\"y\\\"\";\n"
      "BA_DEF_DEF_ \"GenMsgCycleTime\" 0;\nBA_ \"GenMsgCycleTime\" BO_ 291 200;\nVAL_ 291 a 1 \"on\" -1 "
      "\"off\" ;\n",
      "BO_ 2147484139 S: 8 A\n SG_ p M : 0|4@1+ (1,0) [0|0] \"\" A\n SG_ q m1M : 8|8@1+ (1,0) [0|0] \"\" A\n"
      " SG_ r m3 : 16|32@1- (1,0) [0|0] \"\" A\n SG_ t m2 : 8|16@1- (1,0) [0|0] \"\" A\n"
      "SIG_VALTYPE_ 2147484139 r : 1;\nSG_MUL_VAL_ 2147484139 q p 1-1;\nSG_MUL_VAL_ 2147484139 r q 3-5, "
      "9-9;\n"
      "VAL_TABLE_ T 0 \"a\" ;\nVAL_ 2147484139 t T ;\nEV_ x: 0 [0|1] \"\" 0 1 N V;\n",
      "BO_ 1 F: 64 A\n SG_ x : 100|64@1- (1e-3,+2) [-5|5] \"\" A\n SG_ y : 399|64@0+ (2,0) [0|0] \"\" A\n",
  };
}

}  // namespace davy::fuzz
