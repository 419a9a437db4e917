// A completion as an event stream.
//
// What goes over the wire is a sequence of pieces (head, role, one event per token or chunk, usage, [DONE])
// and a cursor that says which comes next. A piece is rendered when its tokens are available and the
// connection takes bytes; whatever the kernel did not take is rendered again later, except for the rest of
// the one piece that it cut. So a slow reader costs at most one piece of memory.
#include <algorithm>

#include "generation_exchange.h"
#include "stream_renderer.h"
#include "worker.h"

namespace llmdyno {
namespace {

// A request may ask for millions of tokens and be gone after the first.
constexpr int64_t kMaxReservedTokens = 1 << 16;

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
  StreamExchange(Worker& worker, Connection& connection, HttpRequest request, TimePoint arrival,
                 ApiRequest api, const GenerationPlan& plan)
      : GenerationExchange(worker, connection, std::move(request), arrival, std::move(api), plan),
        renderer_(
            this->api().route == ApiRoute::kChat ? context().chat_wording : context().completions_wording,
            context().config, this->api(), plan, completion_id(), created_s(), !Framing().is_http_1_0) {
    const SimConfig& config = context().config;
    has_halfway_fate_ = has_fate(Fault::kCut) || has_fate(Fault::kStallMid) || has_fate(Fault::kSseError);
    writes_in_bulk_ = config.itl == Duration(0) && config.pace != SimPace::kEngine && piece_bytes() == 0;
    if (context().log) {
      const int64_t tokens = plan.output_tokens * this->api().choices;
      record().token_sent_ns.reserve(static_cast<size_t>(std::min(tokens, kMaxReservedTokens)));
    }
  }

  void OnTokens(int64_t tokens) override {
    available_ += tokens;
    Pump();
  }
  void OnTurn() override { Pump(); }
  void OnDrained(TimePoint at) override;
  void OnKeepalive() override;

 protected:
  bool wants_all_at_once() const override { return false; }
  void OnAccepted() override;

 private:
  using Phase = StreamCursor::Phase;

  void Pump();
  bool SendBatch();
  void FillBatch(StreamBatch& batch);
  bool AppendPiece(std::string& bytes, int64_t& tokens);
  bool AppendEvent(std::string& bytes, int64_t& tokens);
  void AppendEndOfStream(std::string& bytes);
  Phase PhaseAfterTokens() const {
    return api().include_usage && !plan().omits_usage ? Phase::kUsage : Phase::kDone;
  }
  bool StrikesHere() const;

  StreamRenderer renderer_;
  StreamCursor cursor_;
  int64_t available_ = 0;        // tokens per choice
  int64_t cut_tokens_ = 0;       // of the piece whose rest is queued in the connection
  bool writes_in_bulk_ = false;  // many events per send(2)
  bool has_halfway_fate_ = false;
};

void StreamExchange::OnAccepted() {
  // The head goes out as soon as the request is accepted, long before the first token, as vLLM's does.
  if (cursor_.phase == Phase::kHead) Pump();
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
    if (cursor_.phase == Phase::kOver && !connection().is_blocked()) {
      NoteFinished();
      return Complete();
    }
    if (writes_in_bulk_) return worker().RequestTurn(shared_from_this());
  }
}

// False when there is nothing to send.
bool StreamExchange::SendBatch() {
  StreamBatch& batch = worker().batch();
  FillBatch(batch);
  if (batch.pieces.empty()) {
    if (StrikesHere() && !is_over()) BreakOffOrStall();
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
  if (sent.accepted > 0) NoteSent(sent.at, tokens);
  if (taken == batch.pieces.size()) return true;
  // Blocked. A piece that was cut must be completed as it stands; those behind it are rendered again later.
  // When none was cut, the first of them is queued all the same, so that there is one case only.
  const StreamBatch::Piece& cut = batch.pieces[taken];
  const size_t rest = std::max(begin, sent.accepted);
  connection().Queue(std::string_view(batch.bytes).substr(rest, cut.end - rest), piece_bytes());
  cut_tokens_ = cut.tokens;
  cursor_ = cut.next;
  return true;
}

void StreamExchange::FillBatch(StreamBatch& batch) {
  batch.bytes.clear();
  batch.pieces.clear();
  do {
    int64_t tokens = 0;
    if (!AppendPiece(batch.bytes, tokens)) return;
    batch.pieces.push_back({batch.bytes.size(), tokens, cursor_});
  } while (writes_in_bulk_ && batch.bytes.size() < kStreamBatchBytes);
}

// Renders what the cursor points at and moves it on; false when that is not available yet, or never will be.
bool StreamExchange::AppendPiece(std::string& bytes, int64_t& tokens) {
  switch (cursor_.phase) {
    case Phase::kHead:
      bytes += RenderStreamHead(Framing());
      record().status = 200;
      cursor_.phase = has_fate(Fault::kEmpty) ? Phase::kDone : Phase::kTokens;
      if (context().config.role_chunk && api().route == ApiRoute::kChat && !has_fate(Fault::kEmpty))
        cursor_.phase = Phase::kRole;
      return true;
    case Phase::kRole:
      renderer_.AppendRole(bytes);
      cursor_.phase = Phase::kTokens;
      return true;
    case Phase::kTokens:
      return AppendEvent(bytes, tokens);
    case Phase::kError:
      renderer_.AppendError(plan().index % 2 == 0, bytes);
      cursor_.phase = Phase::kDone;
      return true;
    case Phase::kUsage:
      renderer_.AppendUsageEvent(bytes);
      cursor_.phase = Phase::kDone;
      return true;
    case Phase::kDone:
      AppendEndOfStream(bytes);
      cursor_.phase = Phase::kOver;
      return true;
    case Phase::kOver:
      break;
  }
  return false;
}

bool StreamExchange::AppendEvent(std::string& bytes, int64_t& tokens) {
  if (StrikesHere()) {
    if (!has_fate(Fault::kSseError)) return false;
    StopTokens();
    cursor_.phase = Phase::kError;
    return AppendPiece(bytes, tokens);
  }
  const int64_t end = renderer_.EventEnd(cursor_.token);
  if (end > available_) return false;
  const int64_t mark = plan().TokensBeforeFault();
  const bool breaks_off =
      has_fate(Fault::kBadJson) && cursor_.choice == 0 && cursor_.token < mark && mark <= end;
  renderer_.AppendTokens(cursor_.choice, cursor_.token, end, breaks_off, bytes);
  tokens = end - cursor_.token;
  if (++cursor_.choice == api().choices) {
    cursor_.choice = 0;
    cursor_.token = end;
    if (end == plan().output_tokens && !has_halfway_fate_) cursor_.phase = PhaseAfterTokens();
  }
  return true;
}

void StreamExchange::AppendEndOfStream(std::string& bytes) {
  if (!plan().omits_done) renderer_.AppendDone(bytes);
  renderer_.AppendEnd(bytes);
}

// True when the half-way mark is behind the cursor and a fault waits there.
bool StreamExchange::StrikesHere() const {
  return has_halfway_fate_ && cursor_.phase == Phase::kTokens && cursor_.choice == 0 &&
         cursor_.token >= plan().TokensBeforeFault();
}

void StreamExchange::OnDrained(TimePoint at) {
  if (sends_whole()) return GenerationExchange::OnDrained(at);
  NoteSent(at, std::exchange(cut_tokens_, 0));
  if (cursor_.phase == Phase::kOver) {
    NoteFinished();
    return Complete();
  }
  Pump();
}

void StreamExchange::OnKeepalive() {
  if (cursor_.phase == Phase::kHead || cursor_.phase == Phase::kOver || connection().is_blocked() ||
      is_over())
    return;
  std::string comment;
  renderer_.AppendComment(comment);
  const Connection::Sent sent = connection().Send(comment, piece_bytes());
  if (sent.accepted < comment.size()) {
    connection().Queue(std::string_view(comment).substr(sent.accepted), piece_bytes());
  }
}

}  // namespace

std::shared_ptr<Exchange> MakeStreamExchange(Worker& worker, Connection& connection, HttpRequest request,
                                             TimePoint arrival, ApiRequest api, const GenerationPlan& plan) {
  return std::make_shared<StreamExchange>(worker, connection, std::move(request), arrival, std::move(api),
                                          plan);
}

}  // namespace llmdyno
