#include "llmdyno/net/curl_transport.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <fstream>
#include <queue>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "net/arrival_clock.h"
#include "net/curl_transfer.h"
#include "net/event_poller.h"
#include "net/lag_histogram.h"

namespace llmdyno {
namespace {

// How far the receive queue is looked at; above every read buffer, so that what waits is always seen whole.
constexpr size_t kPeekBytes = 128 * 1024;

// How much of a streamed body is taken at once.
constexpr size_t kLookBytes = 64 * 1024;

Duration ShortestLimit(const CurlTransportConfig& config) {
  Duration shortest = Duration::max();
  for (const Duration limit :
       {config.connect_timeout, config.first_byte_timeout, config.idle_timeout, config.total_timeout}) {
    if (limit > Duration::zero()) shortest = std::min(shortest, limit);
  }
  return shortest == Duration::max() ? Duration::zero() : shortest;
}

class CurlTransport final : public Transport, private StampSource {
 public:
  CurlTransport(const CurlTransportConfig& config, const Clock& clock, const Diagnostics& diagnostics)
      : config_(config),
        shortest_limit_(ShortestLimit(config)),
        clock_(clock),
        diagnostics_(diagnostics),
        stamper_(clock) {}
  ~CurlTransport() override;

  absl::Status Open();

  void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) override;
  void Cancel(int64_t id) override;
  void Poll(TimePoint deadline) override;
  void Wake() override { poller_.Wake(); }
  TransportStats Stats() const override;

 private:
  // StampSource, for the transfers.
  ArrivalStamp StampFor(CURL* easy, size_t bytes) override;
  TimePoint Now() const override { return clock_.Now(); }
  curl_socket_t OpenSocket(const curl_sockaddr& address) override;

  static int OnSocketWanted(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int OnTimerWanted(CURLM* multi, long milliseconds, void* self);
  void WatchSocket(curl_socket_t socket, int what, bool is_known, CurlTransfer& transfer);
  void AnnounceAgain(int socket);
  void HandleSocket(int socket, uint32_t events);
  bool TakeChunks(int socket);
  void NoteArrival(const Waiting& waiting);
  void RunCurlTimer(TimePoint now);
  void RunCurl(curl_socket_t socket, int events);
  void TakeFinished();
  void WatchLimits(const CurlTransfer& transfer, TimePoint now);
  void ExpireDue(TimePoint now);
  void ReleaseAbandoned();

  const CurlTransportConfig config_;
  const Duration shortest_limit_;  // zero: there is none
  const Clock& clock_;
  const Diagnostics diagnostics_;
  ArrivalStamper stamper_;

  CURLM* multi_ = nullptr;
  EventPoller poller_;
  TimePoint curl_timer_at_ = kEndOfTime;
  TimePoint woken_at_;

  std::vector<std::unique_ptr<CurlTransfer>> transfers_;  // all that were ever made
  std::vector<CurlTransfer*> idle_;
  std::unordered_map<int64_t, CurlTransfer*> active_;
  std::vector<CurlTransfer*> abandoned_;  // to be taken out of libcurl when it is not in a callback
  bool inside_curl_ = false;
  bool has_news_ = false;  // an observer was told something since Poll began

  // Each active transfer has an entry no later than its deadline can be; one that comes up too early is put
  // back. A transfer that gets on comes under another limit, which may end sooner than the one before (30 s
  // to connect, then 5 s to the first byte), but never sooner than the shortest limit of all from now.
  using DeadlineEntry = std::pair<TimePoint, int64_t>;
  std::priority_queue<DeadlineEntry, std::vector<DeadlineEntry>, std::greater<>> deadlines_;

  struct Watched {
    uint32_t events = 0;  // what epoll was asked for; 0: nothing
    CurlTransfer* transfer =
        nullptr;  // whose socket it is; without TLS a socket serves one transfer at a time
  };
  std::vector<Watched> watched_;  // by descriptor

  // The stamp of the socket that is being handled, and how many bytes it vouches for.
  int current_socket_ = -1;
  Waiting current_;
  size_t current_taken_ = 0;
  // Over HTTP/2 libcurl hands bytes to other streams of the connection later, outside the handling of its
  // socket.
  bool may_multiplex_ = false;
  std::unordered_map<int, ArrivalStamp> last_stamps_;

  TransportStats stats_;
  LagHistogram read_lag_;
  bool warned_of_descriptors_ = false;
};

CurlTransport::~CurlTransport() {
  for (const auto& transfer : transfers_) curl_multi_remove_handle(multi_, transfer->easy());
  transfers_.clear();
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

absl::Status CurlTransport::Open() {
  // Counted by libcurl; safe to call from several threads since 7.84 and from a host that did it already.
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return absl::UnavailableError("libcurl could not be set up");
  multi_ = curl_multi_init();
  if (multi_ == nullptr) return absl::UnavailableError("libcurl could not be set up");
  LLMDYNO_RETURN_IF_ERROR(poller_.Open());
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &OnSocketWanted);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &OnTimerWanted);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // No hidden cap: neither on connections kept nor on streams of one connection.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1'000'000L);
  curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, 1'000'000L);
  return absl::OkStatus();
}

void CurlTransport::Start(int64_t id, const HttpRequest& request, TransferObserver& observer) {
  assert(!inside_curl_ && "start transfers between polls or from OnEnd");
  assert(!active_.contains(id));
  if (idle_.empty()) {
    transfers_.push_back(std::make_unique<CurlTransfer>(config_, static_cast<StampSource&>(*this)));
    idle_.push_back(transfers_.back().get());
  }
  CurlTransfer* transfer = idle_.back();
  idle_.pop_back();
  active_.emplace(id, transfer);
  transfer->Prepare(id, request, observer);
  may_multiplex_ = may_multiplex_ || request.url.starts_with("https:");
  WatchLimits(*transfer, clock_.Now());
  curl_multi_add_handle(multi_, transfer->easy());
  // Send at once instead of at the next Poll: the caller said now.
  RunCurlTimer(clock_.Now());
}

void CurlTransport::Cancel(int64_t id) {
  const auto found = active_.find(id);
  if (found == active_.end()) return;
  CurlTransfer* transfer = found->second;
  active_.erase(found);
  abandoned_.push_back(transfer);
  transfer->Abandon(OutcomeClass::kCancelled, "cancelled");
  ReleaseAbandoned();
}

void CurlTransport::Poll(TimePoint deadline) {
  TimePoint now = clock_.Now();
  has_news_ = false;
  RunCurlTimer(now);
  TakeFinished();
  const TimePoint next_limit = deadlines_.empty() ? kEndOfTime : deadlines_.top().first;
  const TimePoint until = std::min({deadline, next_limit, curl_timer_at_});
  // A fast endpoint may have answered within Start already: then something has happened, and the caller has
  // to know.
  const std::span<const epoll_event> ready = poller_.Wait(now, has_news_ ? now : until);
  woken_at_ = stamper_.Synchronise();
  for (const epoll_event& event : ready) HandleSocket(event.data.fd, event.events);
  now = clock_.Now();
  RunCurlTimer(now);
  TakeFinished();
  ExpireDue(now);
}

void CurlTransport::HandleSocket(int socket, uint32_t events) {
  int wanted = 0;
  if ((events & EPOLLOUT) != 0) wanted |= CURL_CSELECT_OUT;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) wanted |= CURL_CSELECT_IN;
  if ((events & EPOLLERR) != 0) wanted |= CURL_CSELECT_ERR;
  if ((wanted & CURL_CSELECT_IN) == 0) {
    RunCurl(socket, wanted);
    return;
  }
  ++stats_.reads;
  current_socket_ = socket;
  current_taken_ = 0;
  current_ = {};
  if (!TakeChunks(socket)) {
    if (current_.bytes == 0)
      NoteArrival(config_.use_kernel_stamps ? stamper_.Peek(socket, kPeekBytes) : Waiting());
    RunCurl(socket, wanted);
    // libcurl reads once.
    const bool may_be_left = current_.bytes >= CurlTransfer::ReadBufferBytes(config_.expected_concurrency);
    if (may_be_left) AnnounceAgain(socket);
  }
  // The end of the connection may have come with the last bytes, in the same edge: it has to announce itself
  // anew.
  if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0) AnnounceAgain(socket);
  current_socket_ = -1;
}

void CurlTransport::NoteArrival(const Waiting& waiting) {
  current_ = waiting;
  if (current_.stamp) ++stats_.kernel_stamps;
  read_lag_.Add(clock_.Now() - current_.stamp.value_or(woken_at_));
}

// The body of a streamed response is where the time goes: a read for each token. While such a response is
// between two chunks, what waits in its socket is looked at, stamp and bytes in one system call; the chunks
// that are there whole go to the observer and are dropped from the queue. libcurl is not called: it sees the
// connection as it was, between two chunks, and gets everything else: the head, a chunk that is not whole,
// the last chunk, the end of the connection.
//
// Returns false when libcurl has to be called for what is (still) there.
bool CurlTransport::TakeChunks(int socket) {
  const Watched watched = watched_[static_cast<size_t>(socket)];
  if ((watched.events & EPOLLET) == 0 || watched.transfer == nullptr || !watched.transfer->expects_chunk())
    return false;
  std::string_view bytes;
  NoteArrival(stamper_.Look(socket, kLookBytes, bytes));
  if (bytes.empty()) return false;
  inside_curl_ =
      true;  // as in a callback of libcurl's: a transfer that is cancelled now leaves it afterwards
  const size_t taken = watched.transfer->TakeWholeChunks(bytes);
  inside_curl_ = false;
  if (taken > 0) stamper_.Discard(socket, taken);
  const bool is_all = taken == bytes.size();
  const bool may_be_more = bytes.size() == kLookBytes;
  if (taken > 0 && may_be_more) AnnounceAgain(socket);
  if (!abandoned_.empty()) {
    ReleaseAbandoned();
    return true;
  }
  current_.bytes -= taken;
  current_taken_ = 0;
  return taken > 0 && (is_all || may_be_more);
}

ArrivalStamp CurlTransport::StampFor(CURL* easy, size_t bytes) {
  has_news_ = true;
  if (current_socket_ >= 0) {
    current_taken_ += bytes;
    ArrivalStamp stamp{woken_at_, ArrivalClock::kWakeUp, true};
    if (current_.stamp && current_taken_ <= current_.bytes) {
      stamp = {*current_.stamp, ArrivalClock::kKernel, false};
    } else if (current_.stamp) {
      stamp.at = clock_.Now();  // they came after we looked
    }
    if (may_multiplex_) last_stamps_[current_socket_] = stamp;
    return stamp;
  }
  curl_socket_t socket = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK) {
    if (const auto found = last_stamps_.find(socket); found != last_stamps_.end()) {
      ArrivalStamp stamp = found->second;
      stamp.upper_bound = true;
      return stamp;
    }
  }
  return {clock_.Now(), ArrivalClock::kWakeUp, true};
}

curl_socket_t CurlTransport::OpenSocket(const curl_sockaddr& address) {
  const int socket = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (socket < 0) {
    if ((errno == EMFILE || errno == ENFILE) && !std::exchange(warned_of_descriptors_, true)) {
      diagnostics_.Warn("no more file descriptors: raise the limit (ulimit -n) or lower the concurrency");
    }
    if (errno == EMFILE || errno == ENFILE) ++stats_.descriptor_failures;
    return CURL_SOCKET_BAD;
  }
  ++stats_.connections_opened;
  if (config_.use_kernel_stamps) ArrivalStamper::Enable(socket);
  return socket;
}

int CurlTransport::OnSocketWanted(CURL* easy, curl_socket_t socket, int what, void* self, void* known) {
  CurlTransfer* transfer = nullptr;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
  static_cast<CurlTransport*>(self)->WatchSocket(socket, what, known != nullptr, *transfer);
  return 0;
}

void CurlTransport::WatchSocket(curl_socket_t socket, int what, bool is_known, CurlTransfer& transfer) {
  const auto index = static_cast<size_t>(socket);
  if (watched_.size() <= index) watched_.resize(index + 1);
  if (what == CURL_POLL_REMOVE) {
    poller_.Remove(socket);
    curl_multi_assign(multi_, socket, nullptr);
    last_stamps_.erase(socket);
    watched_[index] = {};
    return;
  }
  uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  // A level-triggered socket is asked for its state twice for each token: when it is ready, and again at the
  // next wait. Without TLS and with our look at the queue (which says how much waits) the edge is enough:
  // libcurl's one read takes all that a look has shown, HandleSocket sees to the exception, and what comes
  // later is a new edge. Not while a request is being written: libcurl writes a piece at each call and leaves
  // it at that, with room left.
  const bool is_writing = (what & CURL_POLL_OUT) != 0;
  if (transfer.is_plain() && config_.use_kernel_stamps && !is_writing) events |= EPOLLET | EPOLLRDHUP;
  watched_[index] = {events, &transfer};
  if (is_known) {
    poller_.Modify(socket, events);
  } else {
    poller_.Add(socket, events);
    curl_multi_assign(multi_, socket, this);  // any pointer: it marks the socket as known
  }
}

// What is left in an edge-triggered socket has announced itself already and would not do so again. (A
// level-triggered one does; and one that libcurl has let go in the meantime must not.)
void CurlTransport::AnnounceAgain(int socket) {
  const uint32_t events = watched_[static_cast<size_t>(socket)].events;
  if ((events & EPOLLET) != 0) poller_.Modify(socket, events);
}

int CurlTransport::OnTimerWanted(CURLM* /*multi*/, long milliseconds, void* self) {
  auto& transport = *static_cast<CurlTransport*>(self);
  transport.curl_timer_at_ =
      milliseconds < 0 ? kEndOfTime : transport.clock_.Now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

void CurlTransport::RunCurlTimer(TimePoint now) {
  if (curl_timer_at_ > now) return;
  curl_timer_at_ = kEndOfTime;
  RunCurl(CURL_SOCKET_TIMEOUT, 0);
}

void CurlTransport::RunCurl(curl_socket_t socket, int events) {
  int running = 0;
  inside_curl_ = true;
  curl_multi_socket_action(multi_, socket, events, &running);
  inside_curl_ = false;
  ReleaseAbandoned();
}

void CurlTransport::TakeFinished() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CurlTransfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    if (transfer->is_abandoned()) continue;  // ReleaseAbandoned takes care of it
    active_.erase(transfer->id());
    curl_multi_remove_handle(multi_, transfer->easy());
    has_news_ = true;
    transfer->Finish(code);
    idle_.push_back(transfer);
  }
}

void CurlTransport::WatchLimits(const CurlTransfer& transfer, TimePoint now) {
  const TimePoint check_at = std::min(transfer.Deadline(), CurlTransfer::After(now, shortest_limit_));
  if (check_at != kEndOfTime) deadlines_.emplace(check_at, transfer.id());
}

void CurlTransport::ExpireDue(TimePoint now) {
  while (!deadlines_.empty() && deadlines_.top().first <= now) {
    const int64_t id = deadlines_.top().second;
    deadlines_.pop();
    const auto found = active_.find(id);
    if (found == active_.end()) continue;
    CurlTransfer* transfer = found->second;
    if (const TimePoint deadline = transfer->Deadline(); deadline > now) {
      WatchLimits(*transfer, now);
      continue;
    }
    active_.erase(found);
    abandoned_.push_back(transfer);
    transfer->Abandon(transfer->ExceededLimit(), transfer->DescribeLimit());
  }
  ReleaseAbandoned();
}

void CurlTransport::ReleaseAbandoned() {
  if (inside_curl_) return;
  for (CurlTransfer* transfer : abandoned_) {
    curl_multi_remove_handle(multi_, transfer->easy());
    idle_.push_back(transfer);
  }
  abandoned_.clear();
}

TransportStats CurlTransport::Stats() const {
  TransportStats stats = stats_;
  stats.wall_clock_steps = stamper_.wall_clock_steps();
  stats.read_lag_p50 = read_lag_.Quantile(0.50);
  stats.read_lag_p99 = read_lag_.Quantile(0.99);
  stats.read_lag_max = read_lag_.max();
  return stats;
}

absl::Status CheckReadable(const std::string& path) {
  if (!std::ifstream(path)) return absl::NotFoundError("cannot read the CA certificates '" + path + "'");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> MakeCurlTransport(const CurlTransportConfig& config,
                                                             const Clock& clock,
                                                             const Diagnostics& diagnostics) {
  LLMDYNO_RETURN_IF_ERROR(config.Validate());
  if (!config.ca_certificates.empty()) LLMDYNO_RETURN_IF_ERROR(CheckReadable(config.ca_certificates));
  auto transport = std::make_unique<CurlTransport>(config, clock, diagnostics);
  LLMDYNO_RETURN_IF_ERROR(transport->Open());
  return transport;
}

}  // namespace llmdyno
