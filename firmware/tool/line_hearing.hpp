#pragma once

#include <functional>

#include "drivers/modbus/serial_listener.hpp"
#include "firmware/tool/line_tally.hpp"
#include "firmware/tool/stop_signal.hpp"

namespace davy {

// One serial line, listened to at one setting.
class LineHearing {
 public:
  using OnFrame = std::function<void(const HeardFrame&)>;
  using OnExchange = std::function<void(const HeardExchange&)>;

  explicit LineHearing(const SerialSettings& line) : sniffer_{line}, tally_{line} {}
  void on_frame(OnFrame tell) { on_frame_ = std::move(tell); }
  void on_exchange(OnExchange tell) { on_exchange_ = std::move(tell); }

  // Listens until the span is over (never, when there is none), the person stops it, `enough` says so, or the
  // port is lost, which is the only error.
  Status run(SerialListener& port, const StopSignal& stop, std::optional<Duration> span,
             const std::function<bool()>& enough = {});

  const LineTally& tally() const { return tally_; }

 private:
  void tell(const std::vector<HeardFrame>& frames);

  RtuSniffer sniffer_;
  ExchangePairing pairing_;
  LineTally tally_;
  OnFrame on_frame_;
  OnExchange on_exchange_;
};

}  // namespace davy
