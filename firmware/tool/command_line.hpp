#pragma once

#include <variant>

#include "firmware/app/exit_code.hpp"
#include "firmware/tool/options.hpp"

namespace davy {

// What to do; or, when help, the version or a complaint was printed, the code to end with.
std::variant<ToolOptions, ExitCode> parse_tool_line(int argc, const char* const* argv, std::ostream& err);

}  // namespace davy
