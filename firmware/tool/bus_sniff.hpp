#pragma once

#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// davy bus sniff: what passes on a bus that we only listen to.
ExitCode bus_sniff(const SniffOptions& options, Console& console);

}  // namespace davy
