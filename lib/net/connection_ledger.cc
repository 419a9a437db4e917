#include "net/connection_ledger.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace llmdyno {

// Zero for what is no TCP socket. A connection attempt that was sent again is in it as well.
ConnectionLedger::Counts ConnectionLedger::Ask(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return {info.tcpi_segs_out, info.tcpi_total_retrans};
}

void ConnectionLedger::Opened(int socket) {
  const auto index = static_cast<size_t>(socket);
  if (index >= connections_.size()) connections_.resize(index + 1);
  connections_[index] = {.is_open = true};
}

ConnectionLedger::Counts ConnectionLedger::Since(int socket) const {
  const Counts now = Ask(socket);
  const Counts& before = connections_[static_cast<size_t>(socket)].before;
  return {now.segments - before.segments, now.again - before.again};
}

void ConnectionLedger::Closing(int socket) {
  const auto index = static_cast<size_t>(socket);
  if (index >= connections_.size() || !connections_[index].is_open) return;
  const Counts counts = Since(socket);
  of_closed_.segments += counts.segments;
  of_closed_.again += counts.again;
  connections_[index].is_open = false;
}

void ConnectionLedger::ForgetCounts() {
  of_closed_ = {};
  for (size_t socket = 0; socket < connections_.size(); ++socket) {
    if (connections_[socket].is_open) connections_[socket].before = Ask(static_cast<int>(socket));
  }
}

void ConnectionLedger::AddTo(TransportStats& stats) const {
  Counts sum = of_closed_;
  for (size_t socket = 0; socket < connections_.size(); ++socket) {
    if (!connections_[socket].is_open) continue;
    const Counts counts = Since(static_cast<int>(socket));
    sum.segments += counts.segments;
    sum.again += counts.again;
  }
  stats.segments_sent = sum.segments;
  stats.retransmits = sum.again;
}

}  // namespace llmdyno
