#pragma once

#include <string>

#include "drivers/tags/line_socket.hpp"
#include "drivers/tags/tag_line_parser.hpp"

namespace davy {

// A reader that sends lines over TCP: its connection and what comes over it. Never waits; called as
// LineSocket is.
class TagLineReader {
 public:
  TagLineReader(const TagLinesProfile& profile, LineSocketSettings socket, std::string reader);

  // Appends what has arrived.
  void step(Now now, TagReport& out);
  SteadyTime next_due() const { return more_ ? SteadyTime{} : socket_.next_due(); }
  int descriptor() const { return socket_.descriptor(); }
  short wanted_events() const { return socket_.wanted_events(); }

  bool connected() const { return socket_.state() == LineSocket::State::connected; }
  const std::string& message() const { return socket_.message(); }  // why it is not connected
  const LineSocket& socket() const { return socket_; }
  const TagLineParser& parser() const { return parser_; }

 private:
  LineSocket socket_;
  TagLineParser parser_;
  bool more_ = false;  // there may be more to read right now
};

}  // namespace davy
