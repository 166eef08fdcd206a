#include "firmware/tool/line_hearing.hpp"

#include <algorithm>

#include "drivers/modbus/wait_timer.hpp"
#include "proto/base/system_clock.hpp"

namespace davy {
namespace {

// How long Ctrl-C may have to wait.
constexpr std::chrono::microseconds slice{50'000};

}  // namespace

Status LineHearing::run(SerialListener& port, const StopSignal& stop, std::optional<Duration> span,
                        const std::function<bool()>& enough) {
  const SystemClock clock;
  const auto began = clock.steady();
  WaitTimer timer;
  std::vector<HeardFrame> frames;
  while (!stop.asked() && (!enough || !enough())) {
    if (span && clock.steady() - began >= *span) break;
    timer.arm(slice);
    const Woken woken = wait_readable(port.descriptor(), timer);
    frames.clear();
    if (woken == Woken::expired) {
      sniffer_.idle(clock.steady_us(), frames);
    } else {
      const auto bytes = port.read();
      if (!bytes) return fail(bytes.error());
      tally_.count_bytes(bytes->size());
      sniffer_.take(*bytes, clock.steady_us(), frames);
    }
    tell(frames);
  }
  frames.clear();
  sniffer_.idle(clock.steady_us() + 2 * sniffer_.settle(), frames);  // whatever has begun is over for us
  tell(frames);
  return {};
}

void LineHearing::tell(const std::vector<HeardFrame>& frames) {
  std::vector<HeardExchange> exchanges;
  for (const HeardFrame& frame : frames) {
    tally_.take(frame);
    if (on_frame_) on_frame_(frame);
    pairing_.take(frame, exchanges);
  }
  for (const HeardExchange& exchange : exchanges) {
    tally_.take(exchange);
    if (on_exchange_) on_exchange_(exchange);
  }
}

}  // namespace davy
