#pragma once

namespace davy {

// Exit codes of davy-host, after sysexits.h; --help and docs/operations.md explain them.
enum class ExitCode : int {
  ok = 0,
  usage = 64,          // the command line
  refused = 65,        // a user command: no such user, not a good password, ...
  port_unusable = 69,  // the web's address or port is in use or not allowed
  internal = 70,       // a mistake of ours
  data_unusable =
      73,       // the data folder: another davy-host has it, damaged, of a newer version, no permission
  io = 74,      // the disk
  config = 78,  // the configuration, or a file it names
};

}  // namespace davy
