#include "drivers/gpio/gpiod_output.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <gpiod.h>

namespace davy {
namespace {

constexpr const char* consumer = "davy-gateway";  // shown by gpioinfo beside the line

std::string advice(int error) {
  switch (error) {
    case ENOENT: return "; is the chip's path right, and its driver loaded?";
    case EACCES:
    case EPERM: return "; the user davy-gateway runs as has no right to it";
    case EBUSY: return "; another program holds the line (gpioinfo tells which)";
    case EINVAL: return "; the chip has no such line";
    default: return "";
  }
}

}  // namespace

// Releasing a line leaves its pin as it is on most chips; what a cutter does then is a matter of its wiring.
struct GpiodOutput::Lines {
  ~Lines() {
    if (chip != nullptr) gpiod_chip_close(chip);  // releases its lines
  }
  gpiod_chip* chip = nullptr;
  gpiod_line* output = nullptr;
  gpiod_line* contact = nullptr;  // the output's own line when there is none
};

GpiodOutput::GpiodOutput(GpioOutputSettings settings) : settings_{std::move(settings)} {}
GpiodOutput::~GpiodOutput() = default;

Status GpiodOutput::set(bool on) {
  if (lines_ == nullptr) return open(on);
  if (gpiod_line_set_value(lines_->output, on ? 1 : 0) == 0) return {};
  const int error = errno;
  lines_.reset();
  return fail(problem("cannot be set", settings_.line, error));
}

Result<bool> GpiodOutput::read_back() {
  if (lines_ == nullptr)
    return fail(Errc::unavailable, settings_.chip + ": not opened before the first command");
  const int value = gpiod_line_get_value(lines_->contact);
  if (value == 0 || value == 1) return value == 1;
  const int error = errno;
  lines_.reset();
  return fail(problem("cannot be read", settings_.read_back_line.value_or(settings_.line), error));
}

// Taking the line as an output and giving it its state is one step: there is no moment with another state.
Status GpiodOutput::open(bool on) {
  auto lines = std::make_unique<Lines>();
  lines->chip = gpiod_chip_open(settings_.chip.c_str());
  if (lines->chip == nullptr) return fail(problem("cannot be opened", settings_.line, errno));
  lines->output = gpiod_chip_get_line(lines->chip, settings_.line);
  if (lines->output == nullptr) return fail(problem("cannot be found", settings_.line, errno));
  lines->contact = lines->output;
  if (settings_.read_back_line) {
    const unsigned contact = *settings_.read_back_line;
    lines->contact = gpiod_chip_get_line(lines->chip, contact);
    if (lines->contact == nullptr) return fail(problem("cannot be found", contact, errno));
    const int flags = settings_.read_back_active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
    if (gpiod_line_request_input_flags(lines->contact, consumer, flags) != 0) {
      return fail(problem("cannot be taken as an input", contact, errno));
    }
  }
  const int flags = settings_.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  if (gpiod_line_request_output_flags(lines->output, consumer, flags, on ? 1 : 0) != 0) {
    return fail(problem("cannot be taken as an output", settings_.line, errno));
  }
  lines_ = std::move(lines);
  return {};
}

Error GpiodOutput::problem(const char* what, unsigned line, int error) const {
  return {Errc::disconnected, settings_.chip + ", line " + std::to_string(line) + ": " + what + ": " +
                                  std::strerror(error) + advice(error)};
}

}  // namespace davy
