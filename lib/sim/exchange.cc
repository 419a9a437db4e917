#include "exchange.h"

#include "worker.h"

namespace llmdyno {
namespace {

// Runs an exchange when its delay is over.
class DelayedBegin : public Timed {
 public:
  explicit DelayedBegin(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  std::optional<TimePoint> OnTimer(TimePoint) override {
    if (exchange_->is_connected()) exchange_->Begin();
    return std::nullopt;
  }

 private:
  std::shared_ptr<Exchange> exchange_;
};

class ReplyExchange : public Exchange {
 public:
  ReplyExchange(Worker& worker, Connection& connection, ReceivedRequest request, TimePoint arrival,
                HttpReply reply)
      : Exchange(worker, connection, std::move(request), arrival), reply_(std::move(reply)) {}
  void Begin() override { SendReply(reply_); }

 private:
  HttpReply reply_;
};

}  // namespace

Exchange::Exchange(Worker& worker, Connection& connection, ReceivedRequest request, TimePoint arrival)
    : worker_(worker),
      connection_(&connection),
      piece_bytes_(static_cast<size_t>(worker.context().config.split_bytes)),
      ledger_(worker.context(), worker.tally()),
      request_(std::move(request)) {
  ledger_.Begin(arrival, request_.x_request_id);
}

ServerContext& Exchange::context() const { return worker_.context(); }

ReplyFraming Exchange::Framing() const {
  return {.request_id = ledger_.x_request_id(),
          .keep_alive = request_.keep_alive,
          .is_http_1_0 = request_.is_http_1_0,
          .is_head = request_.method == "HEAD"};
}

void Exchange::BeginOrDelay() {
  if (context().config.delay == Duration(0)) return Begin();
  worker_.timers().Add(arrival() + context().config.delay,
                       std::make_shared<DelayedBegin>(shared_from_this()));
}

void Exchange::SendReply(const HttpReply& reply, int64_t tokens) {
  SendBytes(RenderReply(reply, Framing()), reply.status, tokens);
}

void Exchange::SendBytes(std::string_view bytes, int status, int64_t tokens) {
  ledger_.NoteStatus(status);
  sends_whole_ = true;
  const Connection::Sent sent = connection_->Send(bytes, piece_bytes_);
  if (sent.accepted == bytes.size()) {
    ledger_.NoteSent(sent.at, tokens);
    return OnWholeSent();
  }
  if (sent.accepted > 0) ledger_.NoteSent(sent.at, 0);
  queued_tokens_ = tokens;
  connection_->Queue(bytes.substr(sent.accepted), piece_bytes_);
}

void Exchange::OnDrained(TimePoint at) {
  if (!sends_whole_) return;
  ledger_.NoteSent(at, queued_tokens_);
  OnWholeSent();
}

void Exchange::Complete() {
  Connection& connection = *connection_;
  End("complete");
  connection.ResponseComplete(request_.keep_alive);
}

void Exchange::BreakOff() {
  Connection& connection = *connection_;
  End("closed");
  connection.ResponseComplete(false);
}

void Exchange::OnPeerGone(std::string_view how) { End(how); }

void Exchange::End(std::string_view how) {
  connection_ = nullptr;
  OnEnd();
  ledger_.End(how, [this] {
    return LoggedRequest{.method = std::move(request_.method),
                         .path = std::move(request_.path),
                         .headers = std::move(request_.headers),
                         .body = std::move(request_.body)};
  });
}

std::shared_ptr<Exchange> MakeReplyExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                            TimePoint arrival, HttpReply reply) {
  return std::make_shared<ReplyExchange>(worker, connection, std::move(request), arrival, std::move(reply));
}

}  // namespace llmdyno
