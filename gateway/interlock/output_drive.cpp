#include "gateway/interlock/output_drive.hpp"

namespace davy {

bool OutputDrive::step(bool on, SteadyTime now) {
  if (told_ == on && now < due_) return false;
  const bool wrong = report_.on != on;  // as far as is known
  Status written;
  if (told_ != on || wrong) written = port_.set(on);
  told_ = on;
  due_ = now + check_every_;
  report_ = {.on = std::nullopt, .at = now};
  const auto state = port_.read_back();
  if (state) {
    report_.on = *state;
  } else {
    report_.message = state.error().message;
  }
  // Why it is wrong is worth more than that it is.
  if (!written && (!state || *state != on)) report_.message = written.error().message;
  return true;
}

}  // namespace davy
