#pragma once

#include <memory>
#include <vector>

#include "drivers/api/output_port.hpp"
#include "firmware/app/lock_board.hpp"
#include "gateway/interlock/output_drive.hpp"

namespace davy {

// The outputs that one thread owns: those behind its bus, or the box's own pins. Makes them do what the board
// says and tells the board what they did. Only on that thread; blocking, for about one exchange an output.
class OutputGroup {
 public:
  explicit OutputGroup(LockBoard& board) : board_{board} {}
  // `output` is the position in InterlockSettings::outputs; it is read back every `check_every`.
  void add(std::size_t output, std::unique_ptr<OutputPort> port, Duration check_every);

  // Does what is commanded or due; when to call it again though no command changes.
  SteadyTime step(SteadyTime now);
  // A moment for the locks, after something has been read: they may command what has to be done next.
  void await_locks() const { board_.await_judgement(locks_wait_max); }

 private:
  static constexpr Duration locks_wait_max{5};  // they take microseconds, unless their disk hangs
  struct Member {
    std::size_t output;
    std::unique_ptr<OutputPort> port;
    OutputDrive drive;
  };
  LockBoard& board_;
  std::vector<Member> members_;
};

}  // namespace davy
