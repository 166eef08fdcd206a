#pragma once

namespace davy {

// Ctrl-C and SIGTERM as something that can be asked and waited for, so that a verb ends with what it has
// found. As long as it lives, they do not end the program by themselves.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  bool asked() const;
  int descriptor() const { return descriptor_; }  // readable once asked

 private:
  int descriptor_ = -1;
};

}  // namespace davy
