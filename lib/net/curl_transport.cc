#include "llmdyno/net/curl_transport.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <fstream>
#include <new>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "llmdyno/base/status_macros.h"
#include "llmdyno/net/limit_watch.h"
#include "net/arrival_ledger.h"
#include "net/connection_ledger.h"
#include "net/curl_pool.h"
#include "net/curl_transfer.h"
#include "net/event_poller.h"
#include "net/socket_watch.h"

namespace llmdyno {
namespace {

class CurlTransport final : public Transport, private StampSource {
 public:
  CurlTransport(const CurlTransportConfig& config, const Clock& clock, const Diagnostics& diagnostics)
      : config_(config),
        clock_(clock),
        diagnostics_(diagnostics),
        arrivals_(clock, config.use_kernel_stamps),
        limits_(
            {config.connect_timeout, config.first_byte_timeout, config.idle_timeout, config.total_timeout}),
        sockets_(poller_, config.use_kernel_stamps) {}
  ~CurlTransport() override;

  absl::Status Open();

  void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) override;
  void Cancel(int64_t id) override;
  void Poll(TimePoint deadline) override;
  void Wake() override { poller_.Wake(); }
  TransportStats Stats() const override;
  void BeginStats() override;

 private:
  // StampSource, for the transfers.
  ArrivalStamp StampFor(CURL* easy, size_t bytes) override;
  TimePoint Now() const override { return clock_.Now(); }
  curl_socket_t OpenSocket(const curl_sockaddr& address) override;
  void CloseSocket(curl_socket_t socket) override;

  static int OnSocketWanted(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  void HandleSocket(int socket, uint32_t events);
  bool TakeChunks(int socket);
  CurlPool& PoolOf(const CurlTransfer& transfer) const {
    return *pools_[transfer.slot() / CurlPool::kTransfers];
  }
  CurlTransfer& TakeIdle();
  TimePoint NextTimer() const;
  void RunTimers(TimePoint now);
  void RunPool(CurlPool& pool, curl_socket_t socket, int events);
  void TakeFinished();
  void TakeFinishedOf(CurlPool& pool);
  void NoteFailure(CURLcode code, CURL* easy);
  void ExpireDue(TimePoint now);
  void ReleaseAbandoned();

  const CurlTransportConfig config_;
  const Clock& clock_;
  const Diagnostics diagnostics_;
  ArrivalLedger arrivals_;
  LimitWatch limits_;

  CURLSH* share_ = nullptr;  // what the pools have in common: resolved names, TLS sessions
  std::vector<std::unique_ptr<CurlPool>> pools_;
  std::vector<CurlPool*> have_run_;  // pools that may have finished transfers
  EventPoller poller_;
  SocketWatch sockets_;
  ConnectionLedger connections_;

  std::vector<std::unique_ptr<CurlTransfer>> transfers_;  // all that were ever made
  std::vector<CurlTransfer*> idle_;
  std::unordered_map<int64_t, CurlTransfer*> active_;
  std::vector<CurlTransfer*> abandoned_;  // to be taken out of libcurl when it is not in a callback
  bool inside_curl_ = false;
  bool has_news_ = false;  // an observer was told something since Poll began

  TransportStats stats_;
  bool warned_of_descriptors_ = false;
  bool warned_of_ports_ = false;
};

CurlTransport::~CurlTransport() {
  for (const auto& transfer : transfers_) {
    curl_multi_remove_handle(PoolOf(*transfer).multi(), transfer->easy());
  }
  transfers_.clear();
  pools_.clear();
  if (share_ != nullptr) curl_share_cleanup(share_);
}

absl::Status CurlTransport::Open() {
  // Counted by libcurl; safe to call from several threads since 7.84 and from a host that did it already.
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return absl::UnavailableError("libcurl could not be set up");
  share_ = curl_share_init();
  if (share_ == nullptr) return absl::UnavailableError("libcurl could not be set up");
  // Without locks: all pools are used by one thread.
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  LLMDYNO_RETURN_IF_ERROR(poller_.Open());
  LLMDYNO_ASSIGN_OR_RETURN(std::unique_ptr<CurlPool> first, CurlPool::Open(&OnSocketWanted, this, clock_));
  pools_.push_back(std::move(first));
  return absl::OkStatus();
}

void CurlTransport::Start(int64_t id, const HttpRequest& request, TransferObserver& observer) {
  assert(!inside_curl_ && "start transfers between polls or from OnEnd");
  assert(!active_.contains(id));
  CurlTransfer& transfer = TakeIdle();
  active_.emplace(id, &transfer);
  transfer.Prepare(id, request, observer);
  if (request.url.starts_with("https:")) arrivals_.ExpectMultiplexing();
  limits_.Watch(transfer.slot(), transfer.NextLimit().at, clock_.Now());
  CurlPool& pool = PoolOf(transfer);
  curl_multi_add_handle(pool.multi(), transfer.easy());
  // Send at once instead of at the next Poll: the caller said now.
  if (pool.timer_at() <= clock_.Now()) RunPool(pool, CURL_SOCKET_TIMEOUT, 0);
}

// The one that was used last, so that few transfers keep few connections warm.
CurlTransfer& CurlTransport::TakeIdle() {
  if (idle_.empty()) {
    const size_t slot = transfers_.size();
    if (slot / CurlPool::kTransfers == pools_.size()) {
      auto pool = CurlPool::Open(&OnSocketWanted, this, clock_);
      // Out of memory only; a bad_alloc by another name.
      if (!pool.ok()) throw std::bad_alloc();
      pools_.push_back(*std::move(pool));
    }
    transfers_.push_back(
        std::make_unique<CurlTransfer>(config_, static_cast<StampSource&>(*this), slot, share_));
    return *transfers_.back();
  }
  CurlTransfer* transfer = idle_.back();
  idle_.pop_back();
  return *transfer;
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
  RunTimers(now);
  TakeFinished();
  const TimePoint until = std::min({deadline, limits_.next(), NextTimer()});
  // A fast endpoint may have answered within Start already: then something has happened, and the caller has
  // to know.
  const std::span<const epoll_event> ready = poller_.Wait(now, has_news_ ? now : until, until == deadline);
  arrivals_.WakeUp();
  for (const epoll_event& event : ready) HandleSocket(event.data.fd, event.events);
  now = clock_.Now();
  RunTimers(now);
  TakeFinished();
  ExpireDue(now);
}

void CurlTransport::HandleSocket(int socket, uint32_t events) {
  // A kept connection that nobody uses was closed by the endpoint, most likely. libcurl sees that for itself
  // when it wants to use it again.
  const CurlTransfer* transfer = sockets_.TransferOf(socket);
  if (transfer == nullptr) return;
  CurlPool& pool = PoolOf(*transfer);
  int wanted = 0;
  if ((events & EPOLLOUT) != 0) wanted |= CURL_CSELECT_OUT;
  if ((events & (EPOLLIN | EPOLLHUP)) != 0) wanted |= CURL_CSELECT_IN;
  if ((events & EPOLLERR) != 0) wanted |= CURL_CSELECT_ERR;
  if ((wanted & CURL_CSELECT_IN) == 0) {
    RunPool(pool, socket, wanted);
    return;
  }
  ++stats_.reads;
  arrivals_.Begin(socket);
  if (!TakeChunks(socket)) {
    arrivals_.Peek();
    RunPool(pool, socket, wanted);
    // libcurl reads once.
    const bool may_be_left = arrivals_.bytes() >= CurlTransfer::ReadBufferBytes(config_.expected_concurrency);
    if (may_be_left) sockets_.AnnounceAgain(socket);
  }
  // The end of the connection may have come with the last bytes, in the same edge: it has to announce itself
  // anew.
  if ((events & (EPOLLRDHUP | EPOLLHUP)) != 0) sockets_.AnnounceAgain(socket);
  arrivals_.End();
}

// The body of a streamed response is where the time goes: a read for each token. While such a response is
// between two chunks, what waits in its socket is looked at, stamp and bytes in one system call; the chunks
// that are there whole go to the observer and are dropped from the queue. libcurl is not called: it sees the
// connection as it was, between two chunks, and gets everything else: the head, a chunk that is not whole,
// the last chunk, the end of the connection.
//
// Returns false when libcurl has to be called for what is (still) there.
bool CurlTransport::TakeChunks(int socket) {
  CurlTransfer* const transfer = sockets_.TransferOf(socket);
  if (!sockets_.IsEdgeTriggered(socket) || transfer == nullptr || !transfer->expects_chunk()) return false;
  const std::string_view bytes = arrivals_.Look();
  if (bytes.empty()) return false;
  // As in a callback of libcurl's: a transfer that is cancelled now leaves it afterwards.
  inside_curl_ = true;
  const size_t taken = transfer->TakeWholeChunks(bytes);
  inside_curl_ = false;
  const bool is_all = taken == bytes.size();
  const bool may_be_more = bytes.size() == ArrivalLedger::kLookBytes;
  arrivals_.Discard(taken);
  if (taken > 0 && may_be_more) sockets_.AnnounceAgain(socket);
  if (!abandoned_.empty()) {
    ReleaseAbandoned();
    return true;
  }
  return taken > 0 && (is_all || may_be_more);
}

ArrivalStamp CurlTransport::StampFor(CURL* easy, size_t bytes) {
  has_news_ = true;
  if (arrivals_.is_reading()) return arrivals_.Take(bytes);
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
  return arrivals_.TakeLater(socket);
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
  connections_.Opened(socket);
  sockets_.Forget(socket);
  arrivals_.Enable(socket);
  return socket;
}

void CurlTransport::CloseSocket(curl_socket_t socket) {
  sockets_.Forget(socket);
  connections_.Closing(socket);
  ::close(socket);
}

int CurlTransport::OnSocketWanted(CURL* easy, curl_socket_t socket, int what, void* self, void* /*known*/) {
  auto& transport = *static_cast<CurlTransport*>(self);
  if (what == CURL_POLL_REMOVE) {
    transport.sockets_.Unwatch(socket);
    transport.arrivals_.Forget(socket);
  } else {
    CurlTransfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    transport.sockets_.Watch(socket, what, *transfer);
  }
  return 0;
}

TimePoint CurlTransport::NextTimer() const {
  TimePoint next = kEndOfTime;
  for (const auto& pool : pools_) next = std::min(next, pool->timer_at());
  return next;
}

void CurlTransport::RunTimers(TimePoint now) {
  for (size_t i = 0; i < pools_.size(); ++i) {
    if (pools_[i]->timer_at() <= now) RunPool(*pools_[i], CURL_SOCKET_TIMEOUT, 0);
  }
}

void CurlTransport::RunPool(CurlPool& pool, curl_socket_t socket, int events) {
  inside_curl_ = true;
  pool.Run(socket, events);
  inside_curl_ = false;
  if (!std::exchange(pool.has_run, true)) have_run_.push_back(&pool);
  ReleaseAbandoned();
}

void CurlTransport::TakeFinished() {
  // An observer may start transfers, so more pools may come to run.
  for (size_t i = 0; i < have_run_.size(); ++i) {
    have_run_[i]->has_run = false;
    TakeFinishedOf(*have_run_[i]);
  }
  have_run_.clear();
}

void CurlTransport::TakeFinishedOf(CurlPool& pool) {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(pool.multi(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CurlTransfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    if (transfer->is_abandoned()) continue;  // ReleaseAbandoned takes care of it
    active_.erase(transfer->id());
    curl_multi_remove_handle(pool.multi(), transfer->easy());
    has_news_ = true;
    NoteFailure(code, transfer->easy());
    transfer->Finish(code);
    idle_.push_back(transfer);
  }
}

// Each connection needs a port of its own at this end; when all are taken connect fails so.
void CurlTransport::NoteFailure(CURLcode code, CURL* easy) {
  if (code != CURLE_COULDNT_CONNECT) return;
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (os_error != EADDRNOTAVAIL) return;
  ++stats_.port_failures;
  if (std::exchange(warned_of_ports_, true)) return;
  diagnostics_.Warn("no more local ports: widen net.ipv4.ip_local_port_range or lower the concurrency");
}

void CurlTransport::ExpireDue(TimePoint now) {
  while (const std::optional<size_t> slot = limits_.TakeDue(now)) {
    CurlTransfer* transfer = transfers_[*slot].get();
    if (transfer->is_abandoned()) continue;  // or has ended
    const LimitAhead limit = transfer->NextLimit();
    if (limit.at > now) {
      limits_.Watch(*slot, limit.at, now);
      continue;
    }
    active_.erase(transfer->id());
    abandoned_.push_back(transfer);
    transfer->Abandon(limit.cls, DescribeLimit(limit.cls, config_.limits()));
  }
  ReleaseAbandoned();
}

void CurlTransport::ReleaseAbandoned() {
  if (inside_curl_) return;
  for (CurlTransfer* transfer : abandoned_) {
    curl_multi_remove_handle(PoolOf(*transfer).multi(), transfer->easy());
    idle_.push_back(transfer);
  }
  abandoned_.clear();
}

TransportStats CurlTransport::Stats() const {
  TransportStats stats = stats_;
  stats.time_awake = poller_.time_awake();
  arrivals_.AddTo(stats);
  connections_.AddTo(stats);
  return stats;
}

void CurlTransport::BeginStats() {
  stats_ = {};
  arrivals_.ForgetCounts();
  connections_.ForgetCounts();
  poller_.ForgetTimeAwake();
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
