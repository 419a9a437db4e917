// One request and its response, from the last byte of the one to the last byte of the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connection.h"
#include "exchange_ledger.h"
#include "http_reply.h"
#include "server_context.h"

namespace llmdyno {

// Base of everything that answers. It keeps the ledger, delays, and sends whole replies; what it answers
// is up to those derived from it. Lives on the thread of its connection.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(Worker& worker, Connection& connection, ReceivedRequest request, TimePoint arrival);
  virtual ~Exchange() = default;

  // Begins, once the configured delay is over.
  void BeginOrDelay();
  virtual void Begin() = 0;
  // The connection takes bytes again; everything queued went out, the last of it at `at`.
  virtual void OnDrained(TimePoint at);
  // Its turn among the streams that write as fast as they can.
  virtual void OnTurn() {}
  // Time for a keep-alive comment.
  virtual void OnKeepalive() {}
  // The client left, or the server stops: `how` goes into the log. The connection is no longer to be used.
  void OnPeerGone(std::string_view how);
  bool is_connected() const { return connection_ != nullptr; }

 protected:
  ServerContext& context() const;
  Worker& worker() const { return worker_; }
  Connection& connection() { return *connection_; }
  const ReceivedRequest& request() const { return request_; }
  ReplyFraming Framing() const;
  TimePoint arrival() const { return ledger_.arrival(); }
  ExchangeLedger& ledger() { return ledger_; }
  // Bytes per send(2), 0 for no limit.
  size_t piece_bytes() const { return piece_bytes_; }
  void set_drips() { piece_bytes_ = 1; }

  // Sends a reply whose body holds so many completion tokens and ends the exchange when the kernel has it.
  void SendReply(const HttpReply& reply, int64_t tokens = 0);
  // The same with rendered bytes; what follows the last of them is up to OnWholeSent.
  void SendBytes(std::string_view bytes, int status, int64_t tokens);
  virtual void OnWholeSent() { Complete(); }
  bool sends_whole() const { return sends_whole_; }
  // The response is complete.
  void Complete();
  // Closes the connection in the middle, on purpose.
  void BreakOff();
  // For those derived, when the exchange ends for whatever reason.
  virtual void OnEnd() {}

 private:
  void End(std::string_view how);

  // Touched for every token, so kept together.
  Worker& worker_;
  Connection* connection_;
  size_t piece_bytes_;
  ExchangeLedger ledger_;

  int64_t queued_tokens_ = 0;  // of the whole reply that the kernel has not taken yet
  bool sends_whole_ = false;
  ReceivedRequest request_;
};

// Answers with what is known at once.
std::shared_ptr<Exchange> MakeReplyExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                            TimePoint arrival, HttpReply reply);

}  // namespace llmdyno
