#pragma once

#include "proto/base/result.hpp"
#include "proto/wire/gateway_config.hpp"

namespace davy {

// A non-blocking socket on its way to the server; looking up a host name blocks. Errors are explain_tcp()'s.
Result<int> begin_connect(const TcpSettings& server);
// 0 when the socket is connected, EINPROGRESS while it is not, else why it will not be.
int connect_state(int socket);

}  // namespace davy
