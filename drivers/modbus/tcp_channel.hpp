#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/register_channel.hpp"
#include "drivers/api/socket_watch.hpp"
#include "drivers/modbus/mbap_reader.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// Modbus TCP without waiting: one connection, as many requests under way as the settings allow. Each has a
// transaction number and only the reply with that number is taken; a number that nobody waits for is a late
// reply and dropped. The connection is kept when one unit behind it is silent, and given up when the stream
// is out of step or nothing at all has answered for a while; the next request opens it again.
//
// Never blocks, but for looking up a host name: use addresses where a thread serves many channels.
class TcpChannel final : public RegisterChannel {
 public:
  // `watch` outlives the channel.
  TcpChannel(TcpSettings settings, SocketWatch& watch);
  ~TcpChannel() override;
  TcpChannel(const TcpChannel&) = delete;
  TcpChannel& operator=(const TcpChannel&) = delete;

  std::size_t room() const override { return settings_.outstanding - requests_.size(); }
  void ask(std::uint32_t ticket, const RegisterRequest& request) override;
  void step(SteadyTime now, ReplySink& sink) override;
  SteadyTime next_due() const override;

 private:
  enum class State : std::uint8_t { closed, connecting, open };
  struct Request {
    std::uint32_t ticket = 0;
    RegisterRequest what;
    std::uint16_t transaction = 0;
    bool sent = false;
    SteadyTime sent_at;
    SteadyTime deadline = never;
  };
  struct Ended {
    std::uint32_t ticket = 0;
    BusReply reply;
    std::vector<std::uint16_t> registers;
  };

  void start_connecting(SteadyTime now);
  void finish_connecting(SteadyTime now);
  void receive(SteadyTime now);
  void take(const MbapFrame& frame, SteadyTime now);
  void send_waiting(SteadyTime now);
  void check_deadlines(SteadyTime now);
  void end(std::size_t request, BusReply reply, std::vector<std::uint16_t> registers = {});
  // Closes the connection; every request under way ends so.
  void give_up(BusFault fault, std::string_view why);
  void close();
  bool any_sent() const;

  const TcpSettings settings_;
  SocketWatch& watch_;
  State state_ = State::closed;
  int socket_ = -1;
  SteadyTime connect_deadline_ = never;
  SteadyTime part_deadline_ = never;  // of a frame that has begun
  SteadyTime quiet_until_ = SteadyTime::min();
  MbapReader reader_;
  std::uint16_t transaction_ = 0;
  int silent_in_a_row_ = 0;
  std::vector<Request> requests_;  // waiting or under way, in the order they were asked
  std::vector<Ended> ended_;       // to be told at the end of the step
};

}  // namespace davy
