#pragma once

namespace davy {

// Wakes whoever steps a non-blocking port when its socket has something for it. Only on the port's thread.
class SocketWatch {
 public:
  virtual ~SocketWatch() = default;
  // Something to read, or the other end gone; with `writable` also when it can be written, as a socket that
  // is connecting will be. Again for the same socket replaces what was said before.
  virtual void watch(int socket, bool writable) = 0;
  // Before the socket is closed.
  virtual void forget(int socket) = 0;
};

}  // namespace davy
