#pragma once

#include "firmware/app/exit_code.hpp"
#include "firmware/tool/console.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// davy bus scan: finds line settings and unit ids. Listens at every candidate setting first and asks only
// where nobody talks, for a question of ours between those of a master would spoil an answer.
ExitCode bus_scan(const ScanOptions& options, Console& console);

}  // namespace davy
