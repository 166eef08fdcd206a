#include "drivers/can/socket_can.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include <linux/can.h>
#include <linux/can/raw.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drivers/can/can_line.hpp"
#include "proto/base/assert.hpp"

namespace davy {
namespace {

constexpr int receive_buffer = 1 << 20;  // some 1,000 frames: seconds at the bit rates of a mine

std::string explain(const SocketCanSettings& settings, int error) {
  const std::string& interface = settings.interface;
  const std::string bitrate = settings.bitrate > 0 ? std::to_string(settings.bitrate) + " restart-ms 1000"
                                                   : "50000 restart-ms 1000 (with the bus's own bit rate)";
  const std::string port = "CAN interface " + interface + ": ";
  switch (error) {
    case ENODEV:
    case ENXIO:
      return port +
             "does not exist; is its adapter plugged in and its driver loaded? ip link show type can lists "
             "those that do";
    case ENETDOWN:
      return port + "is down; ip link set " + interface + " up type can bitrate " + bitrate + " starts it";
    case EAFNOSUPPORT:
    case EPROTONOSUPPORT: return port + "this kernel has no CAN; modprobe can-raw";
    case EACCES:
    case EPERM: return port + "no permission to open it; let Davy's service use address family AF_CAN";
    case ENOBUFS:
    case EAGAIN: return port + "the send queue is full: nobody on the bus acknowledges, or it is overloaded";
    default: return port + std::generic_category().message(error);
  }
}

std::vector<can_filter> kernel_filters(const std::vector<CanFilter>& wanted) {
  std::vector<can_filter> filters;
  for (const CanFilter& filter : wanted) {
    const canid_t kind = filter.id.extended ? CAN_EFF_FLAG : 0U;
    const canid_t mask = filter.mask & (filter.id.extended ? CAN_EFF_MASK : CAN_SFF_MASK);
    filters.push_back({filter.id.number | kind, mask | CAN_EFF_FLAG | CAN_RTR_FLAG});
  }
  return filters;
}

template <typename T>
bool set_option(int socket, int level, int option, const T& value) {
  return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

std::int64_t nanoseconds_of(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// Time stamps and the count of dropped frames, which the kernel puts beside a frame.
void read_control(msghdr& message, SocketFrame& out) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (part->cmsg_type == SO_TIMESTAMPING) {
      scm_timestamping stamps{};
      std::memcpy(&stamps, CMSG_DATA(part), sizeof stamps);
      out.stamp_ns = nanoseconds_of(stamps.ts[0]);
      out.hardware_ns = nanoseconds_of(stamps.ts[2]);
    } else if (part->cmsg_type == SO_TIMESTAMP && out.stamp_ns == 0) {
      timeval stamp{};
      std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
      out.stamp_ns = (std::int64_t{stamp.tv_sec} * 1'000'000 + stamp.tv_usec) * 1000;
    } else if (part->cmsg_type == SO_RXQ_OVFL) {
      std::uint32_t dropped = 0;
      std::memcpy(&dropped, CMSG_DATA(part), sizeof dropped);
      out.dropped = dropped;
    }
  }
}

CanFrame frame_of(const canfd_frame& raw) {
  const bool extended = (raw.can_id & CAN_EFF_FLAG) != 0;
  CanFrame frame{
      .id = {.number = raw.can_id & (extended ? CAN_EFF_MASK : CAN_SFF_MASK), .extended = extended},
      .size = static_cast<std::uint8_t>(std::min<std::size_t>(raw.len, can_data_max)),
      .remote = (raw.can_id & CAN_RTR_FLAG) != 0};
  std::copy_n(raw.data, frame.size, frame.data.begin());
  if (frame.remote) frame.size = 0;  // its length is that of the answer
  return frame;
}

}  // namespace

SocketCan::SocketCan(SocketCanSettings settings, SocketWatch* watch)
    : settings_{std::move(settings)},
      poller_{watch},
      watch_{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)} {
  // Buses are made at the start of a program; one that has no descriptor left then cannot run at all.
  DAVY_ASSERT(watch_ >= 0);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  // Without it a change is noticed when the wait is over.
  [[maybe_unused]] const int bound =
      ::bind(watch_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (poller_ != nullptr) poller_->watch(watch_, false);
}

SocketCan::~SocketCan() {
  close();
  if (poller_ != nullptr) poller_->forget(watch_);
  ::close(watch_);
}

Status SocketCan::open() {
  close();
  if (settings_.interface.empty() || settings_.interface.size() >= IFNAMSIZ) {
    return fail(Errc::bad_config, "CAN interface '" + settings_.interface +
                                      "': a name has 1 to 15 characters, such as can0; correct it");
  }
  switch (link()) {
    case CanLink::absent: return fail(Errc::disconnected, explain(settings_, ENODEV));
    case CanLink::down: return fail(Errc::disconnected, explain(settings_, ENETDOWN));
    case CanLink::stopped:
    case CanLink::up: break;
  }
  socket_ = ::socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW);
  if (socket_ < 0 || !set_options()) return give_up(explain(settings_, errno));
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = static_cast<int>(::if_nametoindex(settings_.interface.c_str()));
  // Index 0 would mean every interface there is.
  if (address.can_ifindex == 0) return give_up(explain(settings_, ENODEV));
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return give_up(explain(settings_, errno));
  }
  if (poller_ != nullptr) poller_->watch(socket_, false);
  return {};
}

// Before the socket is bound, so that nothing comes in that is not wanted or has no stamp.
bool SocketCan::set_options() {
  const auto filters = kernel_filters(settings_.wanted);
  if (!filters.empty() && filters.size() <= CAN_RAW_FILTER_MAX) {
    const auto size = static_cast<socklen_t>(filters.size() * sizeof(can_filter));
    if (::setsockopt(socket_, SOL_CAN_RAW, CAN_RAW_FILTER, filters.data(), size) != 0) return false;
  }
  const can_err_mask_t errors = CAN_ERR_MASK;
  if (!set_option(socket_, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, errors)) return false;
  const int on = 1;
  const int stamps = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE |
                     SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  if (!set_option(socket_, SOL_SOCKET, SO_TIMESTAMPING, stamps) &&
      !set_option(socket_, SOL_SOCKET, SO_TIMESTAMP, on)) {
    return false;
  }
  // What an older kernel lacks, the driver does without.
  set_option(socket_, SOL_SOCKET, SO_RXQ_OVFL, on);
  set_option(socket_, SOL_SOCKET, SO_RCVBUF, receive_buffer);
  set_option(socket_, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, on);
  return true;
}

Status SocketCan::give_up(const std::string& what) {
  close();
  return fail(Errc::disconnected, what);
}

void SocketCan::close() {
  if (socket_ < 0) return;
  if (poller_ != nullptr) poller_->forget(socket_);
  ::close(socket_);
  socket_ = -1;
}

CanLink SocketCan::link() const {
  ifreq request{};
  settings_.interface.copy(request.ifr_name, IFNAMSIZ - 1);
  if (::ioctl(watch_, SIOCGIFFLAGS, &request) != 0) return CanLink::absent;
  if ((request.ifr_flags & IFF_UP) == 0) return CanLink::down;
  // A controller off the bus has no carrier. IFF_RUNNING says the same, up to a second late.
  std::ifstream carrier{"/sys/class/net/" + settings_.interface + "/carrier"};
  return carrier.get() == '0' ? CanLink::stopped : CanLink::up;
}

SocketWake SocketCan::wait(Duration wait_max) {
  std::array<pollfd, 2> waiting{
      {{.fd = socket_, .events = POLLIN, .revents = 0}, {.fd = watch_, .events = POLLIN, .revents = 0}}};
  const auto wait_ms = std::clamp<std::int64_t>(wait_max.count(), 0, 60'000);
  if (::poll(waiting.data(), waiting.size(), static_cast<int>(wait_ms)) <= 0) return SocketWake::nothing;
  if (waiting[1].revents != 0) {
    std::array<char, 4096> ignored{};  // what has changed is asked, not read here
    while (::recv(watch_, ignored.data(), ignored.size(), MSG_DONTWAIT) > 0 || errno == ENOBUFS) continue;
    return SocketWake::link_changed;
  }
  return waiting[0].revents != 0 ? SocketWake::readable : SocketWake::nothing;
}

SocketRead SocketCan::receive(SocketFrame& out) {
  for (;;) {
    canfd_frame raw{};
    iovec room{.iov_base = &raw, .iov_len = sizeof raw};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_iov = &room;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = ::recvmsg(socket_, &message, MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN ? SocketRead::nothing : SocketRead::lost;
    }
    if (size != CAN_MTU && size != CANFD_MTU) continue;  // of a kind that is not ours, such as CAN XL
    out = {.frame = frame_of(raw), .is_error = (raw.can_id & CAN_ERR_FLAG) != 0};
    if (out.is_error) out.frame.id = {.number = raw.can_id & CAN_ERR_MASK};
    read_control(message, out);
    return SocketRead::frame;
  }
}

Status SocketCan::send(const CanFrame& frame) {
  canfd_frame raw{};
  raw.can_id = frame.id.number | (frame.id.extended ? CAN_EFF_FLAG : 0U) | (frame.remote ? CAN_RTR_FLAG : 0U);
  raw.len = frame.size;
  std::ranges::copy(frame.bytes(), raw.data);
  const std::size_t size = frame.size > CAN_MAX_DLEN ? CANFD_MTU : CAN_MTU;
  if (::write(socket_, &raw, size) == static_cast<ssize_t>(size)) return {};
  const bool no_room = errno == ENOBUFS || errno == EAGAIN;
  return fail(no_room ? Errc::full : Errc::disconnected, explain(settings_, errno));
}

std::unique_ptr<CanBus> make_can_bus(SocketCanSettings settings, const Clock& clock, SocketWatch* watch) {
  const std::string interface = settings.interface;
  return std::make_unique<CanLine>(interface, std::make_unique<SocketCan>(std::move(settings), watch), clock);
}

}  // namespace davy
