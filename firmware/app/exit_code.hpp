#pragma once

namespace davy {

// Exit codes of davy-gateway and of the tool davy, after sysexits.h; --help and docs/operations.md explain
// them.
enum class ExitCode : int {
  ok = 0,
  no = 1,               // a check failed, or nobody answered (the tool only)
  usage = 64,           // the command line
  port_unusable = 69,   // a serial port or server cannot be opened (the tool only)
  internal = 70,        // a mistake of ours
  spool_unusable = 73,  // in use by another process, another gateway's, or no permission
  io = 74,              // the disk
  temporary = 75,       // starting again helps
  config = 78,          // the configuration or a profile
};

}  // namespace davy
