#include "exchange.h"

#include "worker.h"

namespace llmdyno {
namespace {

int64_t Nanoseconds(TimePoint instant) { return instant.time_since_epoch().count(); }

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
  ReplyExchange(Worker& worker, Connection& connection, HttpRequest request, TimePoint arrival,
                HttpReply reply)
      : Exchange(worker, connection, std::move(request), arrival), reply_(std::move(reply)) {}
  void Begin() override { SendReply(reply_); }

 private:
  HttpReply reply_;
};

}  // namespace

Exchange::Exchange(Worker& worker, Connection& connection, HttpRequest request, TimePoint arrival)
    : worker_(worker),
      connection_(&connection),
      arrival_(arrival),
      piece_bytes_(static_cast<size_t>(worker.context().config.split_bytes)),
      request_(std::move(request)) {
  record_.x_request_id = request_.x_request_id;
  if (record_.x_request_id.empty()) {
    record_.x_request_id =
        "sim-" + std::to_string(context().next_request.fetch_add(1, std::memory_order_relaxed));
  }
  record_.arrival_ns = Nanoseconds(arrival_);
}

ServerContext& Exchange::context() const { return worker_.context(); }

ReplyFraming Exchange::Framing() const {
  return {.request_id = record_.x_request_id,
          .keep_alive = request_.keep_alive,
          .is_http_1_0 = request_.is_http_1_0,
          .is_head = request_.method == "HEAD"};
}

void Exchange::BeginOrDelay() {
  if (context().config.delay == Duration(0)) return Begin();
  worker_.timers().Add(arrival_ + context().config.delay, std::make_shared<DelayedBegin>(shared_from_this()));
}

void Exchange::SendReply(const HttpReply& reply, int64_t tokens) {
  SendBytes(RenderReply(reply, Framing()), reply.status, tokens);
}

void Exchange::SendBytes(std::string_view bytes, int status, int64_t tokens) {
  record_.status = status;
  sends_whole_ = true;
  const Connection::Sent sent = connection_->Send(bytes, piece_bytes_);
  if (sent.accepted == bytes.size()) {
    NoteSent(sent.at, tokens);
    return OnWholeSent();
  }
  if (sent.accepted > 0) NoteSent(sent.at, 0);
  queued_tokens_ = tokens;
  connection_->Queue(bytes.substr(sent.accepted), piece_bytes_);
}

void Exchange::OnDrained(TimePoint at) {
  if (!sends_whole_) return;
  NoteSent(at, queued_tokens_);
  OnWholeSent();
}

void Exchange::NoteSent(TimePoint at, int64_t tokens) {
  if (!std::exchange(has_sent_, true)) first_byte_at_ = at;
  last_byte_at_ = at;
  if (tokens == 0) return;
  ServerMetrics& metrics = context().metrics;
  if (tokens_sent_ == 0) {
    metrics.time_to_first_token.Observe(at - arrival_);
  } else {
    metrics.time_per_output_token.Observe((at - last_token_at_) / tokens, tokens);
  }
  last_token_at_ = at;
  tokens_sent_ += tokens;
  metrics.tokens_sent.fetch_add(tokens, std::memory_order_relaxed);
  if (context().log)
    record_.token_sent_ns.insert(record_.token_sent_ns.end(), static_cast<size_t>(tokens), Nanoseconds(at));
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

void Exchange::OnPeerGone(std::string_view how) {
  context().metrics.disconnects.fetch_add(how == "disconnected" ? 1 : 0, std::memory_order_relaxed);
  End(how);
}

void Exchange::End(std::string_view how) {
  connection_ = nullptr;
  OnEnd();
  if (!context().log) return;
  record_.end = how;
  const TimePoint now = context().clock.Now();
  record_.end_ns = Nanoseconds(how == "complete" ? last_byte_at_ : now);
  record_.first_byte_ns = has_sent_ ? Nanoseconds(first_byte_at_) : 0;
  record_.tokens = tokens_sent_;
  record_.arrival_wall_ns = (context().clock.WallNow() - (now - arrival_)).time_since_epoch().count();
  record_.method = request_.method;
  record_.route = request_.path;
  record_.headers = std::move(request_.headers);
  record_.body = std::move(request_.body);
  context().log->Write(std::move(record_));
}

std::shared_ptr<Exchange> MakeReplyExchange(Worker& worker, Connection& connection, HttpRequest request,
                                            TimePoint arrival, HttpReply reply) {
  return std::make_shared<ReplyExchange>(worker, connection, std::move(request), arrival, std::move(reply));
}

}  // namespace llmdyno
