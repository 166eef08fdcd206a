#include "drivers/can/sdo_upload.hpp"

namespace davy {
namespace {

constexpr std::uint8_t ask_upload = 0x40;
constexpr std::uint8_t ask_next_segment = 0x60;
constexpr std::uint8_t abort_transfer = 0x80;

constexpr std::uint32_t toggle_wrong = 0x0503'0000;
constexpr std::uint32_t timed_out = 0x0504'0000;
constexpr std::uint32_t command_unknown = 0x0504'0001;
constexpr std::uint32_t out_of_memory = 0x0504'0005;
constexpr std::uint32_t length_wrong = 0x0607'0010;

struct AbortMeaning {
  std::uint32_t code;
  std::string_view words;
};

constexpr AbortMeaning abort_meanings[] = {
    {toggle_wrong, "a segment was lost or came twice"},
    {timed_out, "the transfer took too long"},
    {command_unknown, "the command is not known"},
    {0x0504'0002, "the block size is not possible"},
    {0x0504'0003, "the sequence number is not possible"},
    {0x0504'0004, "the checksum is wrong"},
    {out_of_memory, "there is not enough memory"},
    {0x0601'0000, "this object cannot be accessed so"},
    {0x0601'0001, "this object can only be written"},
    {0x0601'0002, "this object can only be read"},
    {0x0602'0000, "there is no such object in the node"},
    {0x0604'0041, "this object cannot be mapped into a PDO"},
    {0x0604'0042, "the mapped objects are longer than a PDO"},
    {0x0604'0043, "parameters do not go together"},
    {0x0604'0047, "the node contradicts itself"},
    {0x0606'0000, "the node's hardware has failed"},
    {length_wrong, "the length does not fit"},
    {0x0607'0012, "the data are too long"},
    {0x0607'0013, "the data are too short"},
    {0x0609'0011, "the object has no such sub-index"},
    {0x0609'0030, "the value is out of range"},
    {0x0609'0031, "the value is too high"},
    {0x0609'0032, "the value is too low"},
    {0x0609'0036, "the maximum is below the minimum"},
    {0x060A'0023, "the resource is not there, such as a sensor that is not connected"},
    {0x0800'0000, "a general error"},
    {0x0800'0020, "the data cannot be transferred or stored"},
    {0x0800'0021, "the node is under local control"},
    {0x0800'0022, "not in the node's present state"},
    {0x0800'0023, "the node has no object dictionary"},
    {0x0800'0024, "there are no data"},
};

}  // namespace

std::string to_string(ObjectAddress object) {
  return hex_text(object.index, 4) + ":" + hex_text(object.sub, 2);
}

std::string_view sdo_abort_meaning(std::uint32_t code) {
  for (const AbortMeaning& meaning : abort_meanings) {
    if (meaning.code == code) return meaning.words;
  }
  return "a reason that CiA 301 does not know";
}

CanFrame SdoUpload::start(ObjectAddress object, SteadyTime now) {
  object_ = object;
  state_ = State::opening;
  due_ = now + answer_within_;
  toggle_ = false;
  announced_.reset();
  received_.clear();
  result_ = fail(Errc::unavailable, "being read");
  return classic_frame(sdo_request_id(node_), ask_upload, object.index & 0xFFU, object.index >> 8U,
                       object.sub, 0, 0, 0, 0);
}

std::optional<CanFrame> SdoUpload::take(const CanFrame& frame, SteadyTime now) {
  if (!busy() || frame.id != answers() || frame.remote || frame.size != 8) return std::nullopt;
  const auto bytes = frame.bytes();
  if (bytes[0] == abort_transfer) {
    if (is_ours(bytes)) take_abort(bytes);
    return std::nullopt;
  }
  return state_ == State::opening ? take_opening(bytes, now) : take_segment(bytes, now);
}

std::optional<CanFrame> SdoUpload::step(SteadyTime now) {
  if (!busy() || now < due_) return std::nullopt;
  return abort(timed_out, Errc::timeout,
               "no answer within " + std::to_string(answer_within_.count()) +
                   " ms: node without power, wrong node number or bit rate, or a broken wire");
}

bool SdoUpload::is_ours(std::span<const std::uint8_t> bytes) const {
  return ObjectAddress{static_cast<std::uint16_t>(number_from(bytes.subspan(1, 2))), bytes[3]} == object_;
}

// ccc n n e s: command 2, unused bytes, expedited, size told.
std::optional<CanFrame> SdoUpload::take_opening(std::span<const std::uint8_t> bytes, SteadyTime now) {
  const unsigned head = bytes[0];
  if (head >> 5U == 0) return std::nullopt;  // a late segment of an earlier transfer
  if (head >> 5U != 2) return abort(command_unknown, Errc::bad_data, "it answers with another command");
  if (!is_ours(bytes)) return std::nullopt;  // a late answer to an earlier question
  const bool expedited = (head & 2U) != 0;
  const bool size_told = (head & 1U) != 0;
  if (expedited) {
    const std::size_t size = size_told ? 4 - ((head >> 2U) & 3U) : 4;
    received_.assign(bytes.begin() + 4, bytes.begin() + 4 + static_cast<std::ptrdiff_t>(size));
    finish();
    return std::nullopt;
  }
  if (size_told) announced_ = static_cast<std::size_t>(number_from(bytes.subspan(4, 4)));
  if (announced_.value_or(0) > sdo_size_max) {
    return abort(out_of_memory, Errc::bad_data,
                 "it announces " + std::to_string(*announced_) + " bytes, " + std::to_string(sdo_size_max) +
                     " at most are taken");
  }
  state_ = State::loading;
  return ask_segment(now);
}

// ccc t nnn c: command 0, toggle, unused bytes, last one.
std::optional<CanFrame> SdoUpload::take_segment(std::span<const std::uint8_t> bytes, SteadyTime now) {
  const unsigned head = bytes[0];
  if (head >> 5U != 0) return abort(command_unknown, Errc::bad_data, "it answers with another command");
  if (((head & 0x10U) != 0) != toggle_) {
    return abort(toggle_wrong, Errc::bad_data, "a segment was lost or came twice");
  }
  const std::size_t size = 7 - ((head >> 1U) & 7U);
  const bool last = (head & 1U) != 0;
  if (size == 0 && !last) return abort(length_wrong, Errc::bad_data, "it sends a segment with nothing in it");
  received_.insert(received_.end(), bytes.begin() + 1, bytes.begin() + 1 + static_cast<std::ptrdiff_t>(size));
  const bool too_long = received_.size() > announced_.value_or(sdo_size_max);
  const bool too_short = last && announced_ && received_.size() < *announced_;
  if (too_long || too_short) {
    return abort(length_wrong, Errc::bad_data,
                 "it sends " + std::string{too_long ? "more" : "fewer"} + " bytes than " +
                     (announced_ ? "it has announced" : "are taken"));
  }
  if (last) {
    finish();
    return std::nullopt;
  }
  toggle_ = !toggle_;
  return ask_segment(now);
}

void SdoUpload::take_abort(std::span<const std::uint8_t> bytes) {
  const auto code = static_cast<std::uint32_t>(number_from(bytes.subspan(4, 4)));
  state_ = State::idle;
  result_ = fail(Errc::rejected, "node " + std::to_string(node_) + ", object " + to_string(object_) + ": " +
                                     std::string{sdo_abort_meaning(code)} + " (abort code 0x" +
                                     hex_text(code, 8) + ")");
}

CanFrame SdoUpload::ask_segment(SteadyTime now) {
  due_ = now + answer_within_;
  return classic_frame(sdo_request_id(node_), ask_next_segment | (toggle_ ? 0x10U : 0U), 0, 0, 0, 0, 0, 0, 0);
}

CanFrame SdoUpload::abort(std::uint32_t code, Errc kind, const std::string& why) {
  state_ = State::idle;
  result_ = fail(kind, "node " + std::to_string(node_) + ", object " + to_string(object_) + ": " + why);
  return classic_frame(sdo_request_id(node_), abort_transfer, object_.index & 0xFFU, object_.index >> 8U,
                       object_.sub, code & 0xFFU, code >> 8U & 0xFFU, code >> 16U & 0xFFU, code >> 24U);
}

void SdoUpload::finish() {
  state_ = State::idle;
  result_ = std::move(received_);
  received_.clear();
}

}  // namespace davy
