#pragma once

#include <memory>

#include "drivers/api/output_port.hpp"
#include "proto/wire/interlock_config.hpp"

namespace davy {

// A line of a Linux GPIO chip, through libgpiod. Opened when first needed and again after an error, so that a
// box whose driver comes late needs no new start. A line that is opened anew keeps the state it was told
// last; before the first command it is not touched at all. Read back from a second line when the
// configuration names one (a contact of the relay), else from the pin.
class GpiodOutput final : public OutputPort {
 public:
  explicit GpiodOutput(GpioOutputSettings settings);
  ~GpiodOutput() override;
  GpiodOutput(const GpiodOutput&) = delete;
  GpiodOutput& operator=(const GpiodOutput&) = delete;

  Status set(bool on) override;
  Result<bool> read_back() override;

 private:
  struct Lines;
  Status open(bool on);
  Error problem(const char* what, unsigned line, int error) const;

  const GpioOutputSettings settings_;
  std::unique_ptr<Lines> lines_;  // none until the first command, and after an error
};

}  // namespace davy
