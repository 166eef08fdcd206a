#include "drivers/modbus/exchange_pairing.hpp"

#include <algorithm>

#include "drivers/modbus/frame.hpp"

namespace davy {
namespace {

using Kind = HeardExchange::Kind;

constexpr std::uint8_t exception_bit = 0x80;
constexpr std::size_t read_request_size = 8;
constexpr std::uint16_t registers_max = 125;
constexpr std::uint16_t bits_max = 2000;

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>((bytes[at] << 8U) | bytes[at + 1]);
}

// What a frame asks for, if it is a read request.
std::optional<RegisterRead> read_of(const HeardFrame& frame) {
  if (frame.function() < 1 || frame.function() > 4 || frame.bytes.size() != read_request_size)
    return std::nullopt;
  const RegisterRead read{.unit = frame.unit(),
                          .table = static_cast<RegisterTable>(frame.function()),
                          .address = word_at(frame.bytes, 2),
                          .count = word_at(frame.bytes, 4)};
  if (read.count == 0 || read.count > (is_bits(read.table) ? bits_max : registers_max)) return std::nullopt;
  if (std::uint32_t{read.address} + read.count > 65536) return std::nullopt;
  return read;
}

// From the function code up to the checksum.
std::span<const std::uint8_t> pdu_of(const HeardFrame& frame) {
  return std::span{frame.bytes}.subspan(1, frame.bytes.size() - 3);
}

// Functions 1 to 4 have replies that are no requests; those of 7 to 24 differ in length or repeat it.
bool can_be_request(const HeardFrame& frame) {
  if ((frame.function() & exception_bit) != 0) return false;
  return frame.function() > 4 || read_of(frame).has_value();
}

}  // namespace

std::string_view function_name(std::uint8_t function) {
  switch (function) {
    case 1: return "read coils";
    case 2: return "read discrete inputs";
    case 3: return "read holding registers";
    case 4: return "read input registers";
    case 5: return "write coil";
    case 6: return "write holding register";
    case 7: return "read exception status";
    case 8: return "diagnostics";
    case 11: return "read event counter";
    case 12: return "read event log";
    case 15: return "write coils";
    case 16: return "write holding registers";
    case 17: return "report server id";
    case 20: return "read file record";
    case 21: return "write file record";
    case 22: return "mask write register";
    case 23: return "read and write registers";
    case 24: return "read queue";
    case 43: return "read device identification";
    default: return "a function the standard does not name";
  }
}

void ExchangePairing::take(const HeardFrame& frame, std::vector<HeardExchange>& out) {
  if (!frame.whole) {
    HeardExchange damaged{.kind = Kind::damaged, .reply = frame.bytes, .began = frame.began};
    if (asked_) {
      damaged.unit = asked_->unit;
      damaged.function = asked_->function;
      damaged.read = asked_->read;
      damaged.request = asked_->request;
    }
    asked_.reset();
    out.push_back(std::move(damaged));
    return;
  }
  if (answers(frame)) {
    out.push_back(answered(frame));
    asked_.reset();
    return;
  }
  if (can_be_request(frame)) return ask(frame, out);
  give_up(out);
  HeardExchange orphan{.kind = Kind::orphan,
                       .unit = frame.unit(),
                       .function = static_cast<std::uint8_t>(frame.function() & ~exception_bit),
                       .reply = frame.bytes,
                       .began = frame.began};
  if ((frame.function() & exception_bit) != 0) orphan.exception = frame.bytes[2];
  out.push_back(std::move(orphan));
}

void ExchangePairing::ask(const HeardFrame& frame, std::vector<HeardExchange>& out) {
  give_up(out);
  asked_ = HeardExchange{.kind = Kind::unanswered,
                         .unit = frame.unit(),
                         .function = frame.function(),
                         .read = read_of(frame),
                         .request = frame.bytes,
                         .began = frame.began};
  asked_ended_ = frame.ended;
}

void ExchangePairing::give_up(std::vector<HeardExchange>& out) {
  if (asked_) out.push_back(std::move(*asked_));
  asked_.reset();
}

bool ExchangePairing::answers(const HeardFrame& frame) const {
  if (!asked_ || asked_->unit == 0 || frame.unit() != asked_->unit) return false;
  if ((frame.function() & ~exception_bit) != asked_->function) return false;
  if ((frame.function() & exception_bit) != 0 || !asked_->read) return true;
  // The same request once more is a master that tries again.
  return frame.bytes != asked_->request && pdu_of(frame).size() == reply_pdu_size(*asked_->read) &&
         frame.bytes[2] == reply_byte_count(*asked_->read);
}

HeardExchange ExchangePairing::answered(const HeardFrame& frame) {
  HeardExchange done = std::move(*asked_);
  done.kind = Kind::answered;
  done.reply = frame.bytes;
  done.reply_after = frame.began - asked_ended_;
  if ((frame.function() & exception_bit) != 0) {
    done.kind = Kind::refused;
    done.exception = frame.bytes[2];
  } else if (done.read) {
    done.values.resize(done.read->count);
    static_cast<void>(unpack_reply(*done.read, pdu_of(frame), done.values));
  }
  return done;
}

}  // namespace davy
