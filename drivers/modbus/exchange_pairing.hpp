#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "drivers/api/register_bus.hpp"
#include "drivers/modbus/rtu_sniffer.hpp"

namespace davy {

// One thing that happened on a line we listen to.
struct HeardExchange {
  enum class Kind : std::uint8_t {
    answered,    // a request and its reply
    refused,     // a request and an exception
    unanswered,  // a request, and then another
    orphan,      // a reply whose request was not heard
    damaged,     // bytes that are no frame; `unit` is who was asked just before, 0 when nobody was
  };
  Kind kind{};
  std::uint8_t unit = 0;
  std::uint8_t function = 0;                 // without the exception bit; 0 when nobody knows
  std::uint8_t exception = 0;                // of a refused one
  std::optional<RegisterRead> read;          // what was asked, for functions 1 to 4
  std::vector<std::uint16_t> values;         // what a read brought, one number a register or bit
  std::vector<std::uint8_t> request, reply;  // the frames; a damaged stretch is in `reply`
  std::chrono::microseconds began{0};
  std::optional<std::chrono::microseconds> reply_after;  // from the request's end to the reply's beginning
};

// "read holding registers"; "function 99" for what the standard does not name.
std::string_view function_name(std::uint8_t function);

// Tells requests from replies on a line where one master asks. A request is a frame that can be one and does
// not answer the request before; a broadcast (unit 0) has no answer.
class ExchangePairing {
 public:
  void take(const HeardFrame& frame, std::vector<HeardExchange>& out);
  // The end of listening: a request that was not answered yet may still be.
  std::optional<HeardExchange> open() const { return asked_; }

 private:
  void ask(const HeardFrame& frame, std::vector<HeardExchange>& out);
  void give_up(std::vector<HeardExchange>& out);
  bool answers(const HeardFrame& frame) const;
  HeardExchange answered(const HeardFrame& frame);

  std::optional<HeardExchange> asked_;
  std::chrono::microseconds asked_ended_{0};
};

}  // namespace davy
