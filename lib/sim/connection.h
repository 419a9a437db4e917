// One client connection: reads requests, has them answered one at a time, and moves bytes to the kernel.
//
// Responses are written with plain non-blocking send(2) on the socket, one call per token, because that call
// is most of what a token costs; Asio only waits for readiness.
#pragma once

#include <utility>  // Boost.Asio 1.74 needs it and does not include it

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "http_reader.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

class Exchange;
class Worker;

// Lives on its worker's thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Worker& worker, boost::asio::ip::tcp::socket socket);
  ~Connection();
  void Start();

  // For the exchange whose turn it is. ----------------------------------------------------------------------

  struct Sent {
    size_t accepted = 0;  // bytes the kernel took
    TimePoint at;         // read immediately before the last send(2)
  };
  // Hands bytes to the kernel; needs !is_blocked(). When it does not take all of them the connection is
  // blocked until it can take more: then what was queued goes out first and the exchange's OnDrained follows.
  // With `piece_bytes` above 0 they go in pieces of that size, a send(2) each.
  Sent Send(std::string_view bytes, size_t piece_bytes);
  // Keeps bytes for when the connection is no longer blocked; needs is_blocked().
  void Queue(std::string_view bytes, size_t piece_bytes);
  bool is_blocked() const { return is_blocked_; }
  // The response is with the kernel; the next request may come, or the connection ends.
  void ResponseComplete(bool keep_alive);
  // Closes at once. The exchange must have ended before.
  void Close();

  // The server stops: ends the exchange and closes.
  void Abort();

 private:
  void AwaitReadable();
  void OnReadable();
  void Consume(std::string_view data);
  void AnswerNext();
  void AwaitWritable();
  void OnWritable();
  void OnPeerGone();

  Worker& worker_;
  boost::asio::ip::tcp::socket socket_;
  HttpReader reader_;
  std::string unread_;                  // received but not yet consumed by the reader
  std::shared_ptr<Exchange> exchange_;  // the one under way
  std::shared_ptr<Exchange> finished_;  // kept until its own functions have returned
  TimePoint read_at_;
  bool is_consuming_ = false;
  bool awaits_readable_ = false;

  std::string queued_;  // bytes the kernel has not taken yet
  size_t queued_offset_ = 0;
  size_t queued_piece_bytes_ = 0;
  bool is_blocked_ = false;
};

}  // namespace llmdyno
