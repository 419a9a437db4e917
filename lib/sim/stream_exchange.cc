// Sends a completion as an event stream.
//
// A piece is rendered when its tokens are available and the connection takes bytes; whatever the kernel did
// not take is rendered again later, except for the rest of the one piece that it cut. So a slow reader costs
// at most one piece of memory.
#include <algorithm>
#include <utility>

#include "generation_exchange.h"
#include "stream_answer.h"
#include "worker.h"

namespace llmdyno {
namespace {

// Sends a keep-alive comment again and again until the exchange is over.
class KeepaliveTicker : public Timed {
 public:
  KeepaliveTicker(std::shared_ptr<Exchange> exchange, Duration interval)
      : exchange_(std::move(exchange)), interval_(interval) {}
  std::optional<TimePoint> OnTimer(TimePoint due) override {
    if (!exchange_->is_connected()) return std::nullopt;
    exchange_->OnKeepalive();
    return due + interval_;
  }

 private:
  std::shared_ptr<Exchange> exchange_;
  Duration interval_;
};

class StreamExchange : public GenerationExchange {
 public:
  StreamExchange(Worker& worker, Connection& connection, ReceivedRequest request, TimePoint arrival,
                 Generation generation)
      : GenerationExchange(worker, connection, std::move(request), arrival, std::move(generation)),
        answer_(context(), this->generation(), !Framing().is_http_1_0) {}

  void OnTokens(int64_t tokens) override {
    answer_.Offer(tokens);
    Pump();
  }
  void OnTurn() override { Pump(); }
  void OnDrained(TimePoint at) override;
  void OnKeepalive() override;

 protected:
  bool wants_all_at_once() const override { return false; }
  void OnAccepted() override;

 private:
  void Pump();
  bool SendBatch();
  void FillBatch(StreamBatch& batch);
  bool AppendPiece(std::string& bytes, int64_t& tokens);
  void Finish();

  StreamAnswer answer_;
  int64_t cut_tokens_ = 0;  // of the piece whose rest is queued in the connection
};

void StreamExchange::OnAccepted() {
  // The head goes out as soon as the request is accepted, long before the first token, as vLLM's does.
  if (answer_.at_head()) Pump();
  const Duration keepalive = context().config.keepalive;
  if (keepalive > Duration(0) && is_connected()) {
    worker().timers().Add(context().clock.Now() + keepalive,
                          std::make_shared<KeepaliveTicker>(shared_from_this(), keepalive));
  }
}

// Writes what is available and what the kernel takes.
void StreamExchange::Pump() {
  while (is_connected() && !connection().is_blocked()) {
    if (!SendBatch()) return;
    if (answer_.is_over() && !connection().is_blocked()) return Finish();
    if (answer_.goes_in_bulk()) return worker().RequestTurn(shared_from_this());
  }
}

// False when there is nothing to send.
bool StreamExchange::SendBatch() {
  StreamBatch& batch = worker().batch();
  FillBatch(batch);
  if (batch.pieces.empty()) {
    if (answer_.breaks_off_here() && !is_over()) BreakOffOrStall();
    return false;
  }
  const Connection::Sent sent = connection().Send(batch.bytes, piece_bytes());
  int64_t tokens = 0;
  size_t taken = 0;
  size_t begin = 0;
  while (taken < batch.pieces.size() && batch.pieces[taken].end <= sent.accepted) {
    tokens += batch.pieces[taken].tokens;
    begin = batch.pieces[taken].end;
    ++taken;
  }
  if (sent.accepted > 0) ledger().NoteSent(sent.at, tokens);
  if (taken == batch.pieces.size()) return true;
  // Blocked. A piece that was cut must be completed as it stands; those behind it are rendered again later.
  // When none was cut, the first of them is queued all the same, so that there is one case only.
  const StreamBatch::Piece& cut = batch.pieces[taken];
  const size_t rest = std::max(begin, sent.accepted);
  connection().Queue(std::string_view(batch.bytes).substr(rest, cut.end - rest), piece_bytes());
  cut_tokens_ = cut.tokens;
  answer_.set_cursor(cut.next);
  return true;
}

void StreamExchange::FillBatch(StreamBatch& batch) {
  batch.bytes.clear();
  batch.pieces.clear();
  do {
    int64_t tokens = 0;
    if (!AppendPiece(batch.bytes, tokens)) return;
    batch.pieces.push_back({batch.bytes.size(), tokens, answer_.cursor()});
  } while (answer_.goes_in_bulk() && batch.bytes.size() < kStreamBatchBytes);
}

bool StreamExchange::AppendPiece(std::string& bytes, int64_t& tokens) {
  if (answer_.at_head()) {
    bytes += RenderStreamHead(Framing());
    ledger().NoteStatus(200);
    answer_.PassHead();
    return true;
  }
  const bool has_piece = answer_.AppendPiece(bytes, tokens);
  if (answer_.has_failed()) StopTokens();
  return has_piece;
}

void StreamExchange::Finish() {
  ledger().NoteFinished();
  Complete();
}

void StreamExchange::OnDrained(TimePoint at) {
  if (sends_whole()) return GenerationExchange::OnDrained(at);
  ledger().NoteSent(at, std::exchange(cut_tokens_, 0));
  if (answer_.is_over()) return Finish();
  Pump();
}

void StreamExchange::OnKeepalive() {
  if (answer_.at_head() || answer_.is_over() || connection().is_blocked() || is_over()) return;
  std::string comment;
  answer_.AppendComment(comment);
  const Connection::Sent sent = connection().Send(comment, piece_bytes());
  if (sent.accepted < comment.size()) {
    connection().Queue(std::string_view(comment).substr(sent.accepted), piece_bytes());
  }
}

}  // namespace

std::shared_ptr<Exchange> MakeStreamExchange(Worker& worker, Connection& connection, ReceivedRequest request,
                                             TimePoint arrival, Generation generation) {
  return std::make_shared<StreamExchange>(worker, connection, std::move(request), arrival,
                                          std::move(generation));
}

}  // namespace llmdyno
