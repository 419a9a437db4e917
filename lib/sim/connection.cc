#include "connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "exchange.h"
#include "http_reply.h"
#include "worker.h"

namespace llmdyno {

using boost::asio::ip::tcp;

Connection::Connection(Worker& worker, tcp::socket socket) : worker_(worker), socket_(std::move(socket)) {
  worker_.context().metrics.connections.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() { worker_.context().metrics.connections.fetch_sub(1, std::memory_order_relaxed); }

void Connection::Start() {
  boost::system::error_code ignored;  // a socket that is already dead shows at the first read
  socket_.set_option(tcp::no_delay(true), ignored);
#ifdef TCP_CONGESTION
  // A system default that paces (bbr) would hold tokens back behind the instant that is logged for them, and
  // spend a timer on each. Reno is always there.
  (void)::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
#endif
  socket_.native_non_blocking(true, ignored);
  AwaitReadable();
}

// A read is awaited during a response too: that is how a client that leaves is noticed.
void Connection::AwaitReadable() {
  if (awaits_readable_ || !socket_.is_open()) return;
  awaits_readable_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->awaits_readable_ = false;
                       if (!error) self->OnReadable();
                     });
}

void Connection::OnReadable() {
  const std::span<char> buffer = worker_.read_buffer();
  while (socket_.is_open()) {
    // The client has sent ahead: read on when its turn has come.
    if (exchange_ && !unread_.empty()) return;
    const ssize_t size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (size <= 0) return OnPeerGone();
    read_at_ = worker_.context().clock.Now();
    Consume({buffer.data(), static_cast<size_t>(size)});
    if (static_cast<size_t>(size) < buffer.size()) break;
  }
  AwaitReadable();
}

void Connection::Consume(std::string_view data) {
  is_consuming_ = true;
  if (!unread_.empty() || exchange_) {
    unread_.append(data);
    data = {};
  }
  std::string_view rest = data.empty() ? std::string_view(unread_) : data;
  while (socket_.is_open() && !exchange_ && !rest.empty()) {
    const size_t used = reader_.Feed(rest);
    rest.remove_prefix(used);
    AnswerNext();
    finished_.reset();
    if (used == 0 && !exchange_) break;  // the rest of a header line is still to come
  }
  unread_ = std::string(rest);
  is_consuming_ = false;
}

void Connection::AnswerNext() {
  if (const auto status = reader_.FindError()) {
    const HttpReply reply =
        ErrorReply(*status, *status == 400 ? "the request is not valid HTTP/1.1"
                                           : "the request is larger than this endpoint takes");
    if (!is_blocked_) Send(RenderReply(reply, {.request_id = {}, .keep_alive = false}), 0);
    return Close();
  }
  if (reader_.TakeContinueRequest() && !is_blocked_) Send("HTTP/1.1 100 Continue\r\n\r\n", 0);
  if (!reader_.is_complete()) return;
  // A local handle: the exchange may be over, and released, before Begin returns.
  const std::shared_ptr<Exchange> exchange = worker_.Accept(reader_.Take(), *this, read_at_);
  exchange_ = exchange;
  exchange->BeginOrDelay();
}

Connection::Sent Connection::Send(std::string_view bytes, size_t piece_bytes) {
  Sent sent;
  while (sent.accepted < bytes.size()) {
    std::string_view piece = bytes.substr(sent.accepted);
    if (piece_bytes > 0) piece = piece.substr(0, piece_bytes);
    sent.at = worker_.context().clock.Now();
    const ssize_t size =
        ::send(socket_.native_handle(), piece.data(), piece.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      is_blocked_ = true;
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        AwaitWritable();
      } else {
        // Not here and now: the exchange is in the middle of its own business.
        boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->OnPeerGone(); });
      }
      return sent;
    }
    sent.accepted += static_cast<size_t>(size);
  }
  return sent;
}

void Connection::Queue(std::string_view bytes, size_t piece_bytes) {
  queued_.append(bytes);
  queued_piece_bytes_ = piece_bytes;
}

void Connection::AwaitWritable() {
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->OnWritable();
                     });
}

void Connection::OnWritable() {
  if (!socket_.is_open()) return;
  is_blocked_ = false;
  TimePoint at = worker_.context().clock.Now();
  if (queued_offset_ < queued_.size()) {
    const Sent sent = Send(std::string_view(queued_).substr(queued_offset_), queued_piece_bytes_);
    queued_offset_ += sent.accepted;
    if (queued_offset_ < queued_.size()) return;
    at = sent.at;
  }
  queued_.clear();
  queued_offset_ = 0;
  if (exchange_) exchange_->OnDrained(at);
}

void Connection::ResponseComplete(bool keep_alive) {
  finished_ = std::move(exchange_);
  exchange_ = nullptr;
  if (!keep_alive) return Close();
  if (is_consuming_) return;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->finished_.reset();
    if (!self->socket_.is_open()) return;
    if (!self->unread_.empty()) self->Consume({});
    self->AwaitReadable();
  });
}

void Connection::OnPeerGone() {
  if (!socket_.is_open()) return;
  if (exchange_) {
    const std::shared_ptr<Exchange> exchange = std::move(exchange_);
    exchange_ = nullptr;
    exchange->OnPeerGone("disconnected");
  }
  Close();
}

void Connection::Abort() {
  if (exchange_) {
    const std::shared_ptr<Exchange> exchange = std::move(exchange_);
    exchange_ = nullptr;
    exchange->OnPeerGone("stopped");
  }
  Close();
}

void Connection::Close() {
  boost::system::error_code ignored;  // nothing is left to be done about it
  socket_.close(ignored);
  worker_.Forget(*this);
}

}  // namespace llmdyno
