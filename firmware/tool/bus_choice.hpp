#pragma once

#include <memory>

#include "drivers/api/register_bus.hpp"
#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// A bus as chosen on the command line, opened when it is first asked. `clock` outlives it.
std::unique_ptr<RegisterBus> make_bus(const BusChoice& choice, const SerialSettings& line,
                                      const Clock& clock);
// The same as a configuration has it.
decltype(BusSettings::endpoint) endpoint_of(const BusChoice& choice, const SerialSettings& line);
// "/dev/ttyS1 9600 8N1" or "192.168.1.20:502"
std::string bus_text(const BusChoice& choice, const SerialSettings& line);
// Whether a serial port can be opened at all; always for TCP.
Status check_port(const BusChoice& choice, const SerialSettings& line);
// Prints why a port does not open and what to do, with the word for a port that davy-gateway has.
ExitCode complain_of_port(Console& console, const Error& error);
// As `choice` would be written on the command line.
std::string bus_flags(const BusChoice& choice, const SerialSettings& line);

}  // namespace davy
