#pragma once

#include "drivers/api/register_bus.hpp"
#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// davy bus read: raw registers with all that they may mean.
ExitCode bus_read(const ReadOptions& options, Console& console);

// The same on a bus that is open already, for tests; `where` is its name for people.
ExitCode read_registers(const ReadOptions& options, RegisterBus& bus, const std::string& where,
                        Console& console);
ExitCode search_value(const ReadOptions& options, RegisterBus& bus, const std::string& where,
                      Console& console);

}  // namespace davy
