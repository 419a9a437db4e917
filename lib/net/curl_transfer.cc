#include "net/curl_transfer.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <iterator>

#include "llmdyno/base/number_text.h"
#include "net/curl_outcome.h"

namespace llmdyno {
namespace {

std::string_view Trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

// `lower` is in lower case.
bool IsSame(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](unsigned char a, char b) { return std::tolower(a) == b; });
}

bool HasProxyInEnvironment() {
  constexpr const char* kVariables[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  return std::any_of(std::begin(kVariables), std::end(kVariables),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

// RFC 9110, 10.2.3: seconds, or a date.
std::optional<Duration> ParseRetryAfter(std::string_view text) {
  if (const auto seconds = ParseReal(text); seconds && *seconds >= 0) return FromSeconds(*seconds);
  const time_t date = curl_getdate(std::string(text).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::chrono::seconds(std::max<int64_t>(0, date - std::time(nullptr)));
}

}  // namespace

CurlTransfer::CurlTransfer(const CurlTransportConfig& config, StampSource& stamps, size_t slot, CURLSH* share)
    : stamps_(stamps), easy_(curl_easy_init()), config_(config), slot_(slot) {
  assert(easy_ != nullptr);
  SetConstantOptions();
  curl_easy_setopt(easy_, CURLOPT_SHARE, share);
}

CurlTransfer::~CurlTransfer() { curl_easy_cleanup(easy_); }

// Few streams get a buffer that swallows a fast server's output in few reads; thousands get small ones.
// libcurl allocates it anew for each transfer, and glibc's free tidies its whole heap up whenever it is given
// 64 KB or more (FASTBIN_CONSOLIDATION_THRESHOLD), so the large one stays below that.
size_t CurlTransfer::ReadBufferBytes(int expected_concurrency) {
  return expected_concurrency <= 256 ? 63 * 1024 : 8 * 1024;
}

void CurlTransfer::SetConstantOptions() {
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_NOPROGRESS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT,
                   1L);  // a name that never resolves must not hold up the loop when we give it up
#endif
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &OnHeaderLine);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &OnReadyToSend);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
  // A connection may outlive the transfer that opened it.
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, &OnCloseSocket);
  curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, &stamps_);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE,
                   static_cast<long>(ReadBufferBytes(config_.expected_concurrency)));
  curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  // All limits are ours, each with a class of its own. libcurl keeps any timeout that it is given in a tree
  // of all transfers and touches that tree at every read; so it is given one only where its default of 300 s
  // to connect would come before ours.
  constexpr Duration kLibcurlConnectTimeout = std::chrono::seconds(300);
  if (config_.connect_timeout == Duration::zero() || config_.connect_timeout >= kLibcurlConnectTimeout) {
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, 2'000'000'000L);
  }
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, config_.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, config_.verify_tls ? 2L : 0L);
  // Otherwise libcurl asks the environment for each of these variables at each transfer.
  if (!HasProxyInEnvironment()) {
    curl_easy_setopt(easy_, CURLOPT_PROXY, "");
    curl_easy_setopt(easy_, CURLOPT_NOPROXY, "");
  }
  if (!config_.ca_certificates.empty()) {
    curl_easy_setopt(easy_, CURLOPT_CAINFO, config_.ca_certificates.c_str());
  }
}

void CurlTransfer::Prepare(int64_t id, const HttpRequest& request, TransferObserver& observer) {
  id_ = id;
  observer_ = &observer;
  error_[0] = '\0';
  head_ = {};
  sent_at_.reset();
  first_byte_at_.reset();
  retried_ = head_given_ = is_chunked_ = false;
  chunks_ = {};
  started_at_ = last_bytes_at_ = stamps_.Now();

  if (url_ != request.url) {
    url_ = request.url;
    curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
    // Over TLS the first request may turn out to be HTTP/2: the others wait for it and share its connection.
    curl_easy_setopt(easy_, CURLOPT_PIPEWAIT, url_.starts_with("https:") ? 1L : 0L);
    // Without TLS we take the framing of chunked bodies off ourselves (see CurlTransport::TakeChunks).
    curl_easy_setopt(easy_, CURLOPT_HTTP_TRANSFER_DECODING, is_plain() ? 0L : 1L);
  }
  SetHeaders(request);
  if (request.method == "POST") {
    body_ = request.body;
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body_.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  } else {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  }
}

// The list that libcurl wants is made of our own strings, which keep their memory: at least one header, the
// request's id, differs from request to request.
void CurlTransfer::SetHeaders(const HttpRequest& request) {
  size_t count = 0;
  const auto add = [&](std::string_view name) -> std::string& {
    if (count == header_lines_.size()) header_lines_.emplace_back();
    return header_lines_[count++] = name;
  };
  add("Expect:");  // keeps libcurl from waiting a second for "100 Continue" before a large prompt
  for (const HttpHeader& header : request.headers) {
    // libcurl's spelling of a header with an empty value.
    std::string& line = add(header.name) += header.value.empty() ? ";" : ": ";
    line += header.value;
  }
  if (!request.bearer_token.empty()) add("Authorization: Bearer ") += request.bearer_token.Reveal();
  header_lines_.resize(count);
  header_list_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    header_list_[i] = {header_lines_[i].data(), i + 1 < count ? &header_list_[i + 1] : nullptr};
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_.data());
}

size_t CurlTransfer::OnHeaderLine(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (!transfer.is_abandoned()) transfer.TakeHeaderLine({data, size * count});
  return size * count;
}

void CurlTransfer::TakeHeaderLine(std::string_view line) {
  const ArrivalStamp stamp = stamps_.StampFor(easy_, line.size());
  last_bytes_at_ = stamp.at;
  if (!first_byte_at_) first_byte_at_ = stamp.at;
  line = Trim(line);
  if (line.starts_with("HTTP/")) {
    head_ = {};
    const size_t space = line.find(' ');
    if (space != std::string_view::npos) {
      head_.status = static_cast<int>(ParseInteger(line.substr(space + 1, 3)).value_or(0));
    }
  } else if (line.empty()) {
    const bool is_interim = head_.status >= 100 && head_.status < 200;
    // Trailers come this way as well, behind the body.
    if (!is_interim && !std::exchange(head_given_, true)) observer_->OnResponseHead(head_, stamp);
  } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = Trim(line.substr(colon + 1));
    if (IsSame(name, "content-type")) head_.content_type = Lower(Trim(value.substr(0, value.find(';'))));
    if (IsSame(name, "retry-after")) head_.retry_after = ParseRetryAfter(value);
    if (IsSame(name, "transfer-encoding")) is_chunked_ = is_plain() && IsSame(value, "chunked");
  }
}

size_t CurlTransfer::OnBody(char* data, size_t size, size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const size_t bytes = size * count;
  if (transfer.is_abandoned()) return 0;  // makes libcurl give the transfer up
  const ArrivalStamp stamp = transfer.stamps_.StampFor(transfer.easy_, bytes);
  transfer.last_bytes_at_ = stamp.at;
  transfer.TakeBody({data, bytes}, stamp);
  return transfer.is_abandoned() ? 0 : bytes;
}

void CurlTransfer::TakeBody(std::string_view raw, const ArrivalStamp& stamp) {
  if (!is_chunked_) {
    observer_->OnBytes(raw, stamp);
    return;
  }
  chunks_.Feed(raw, [&](std::string_view piece) {
    if (!is_abandoned()) observer_->OnBytes(piece, stamp);
  });
}

size_t CurlTransfer::TakeWholeChunks(std::string_view raw) {
  const ArrivalStamp stamp = stamps_.StampFor(easy_, 0);
  const size_t taken = ChunkedBody::TakeWholeChunks(raw, [&](std::string_view piece) {
    if (!is_abandoned()) observer_->OnBytes(piece, stamp);
  });
  if (taken > 0) last_bytes_at_ = stamp.at;
  return taken;
}

int CurlTransfer::OnReadyToSend(void* self, char* /*local*/, char* /*remote*/, int /*local_port*/,
                                int /*remote_port*/) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  // A second time for one transfer: the kept connection was closed without an answer and libcurl would
  // silently try again on a new one. That is the endpoint's failure, and it has to be seen.
  transfer.retried_ = transfer.sent_at_.has_value();
  if (transfer.retried_ || transfer.is_abandoned()) return CURL_PREREQFUNC_ABORT;
  transfer.sent_at_ = transfer.last_bytes_at_ = transfer.stamps_.Now();
  return CURL_PREREQFUNC_OK;
}

curl_socket_t CurlTransfer::OnOpenSocket(void* self, curlsocktype /*purpose*/, curl_sockaddr* address) {
  return static_cast<CurlTransfer*>(self)->stamps_.OpenSocket(*address);
}

int CurlTransfer::OnCloseSocket(void* stamps, curl_socket_t socket) {
  static_cast<StampSource*>(stamps)->CloseSocket(socket);
  return 0;
}

void CurlTransfer::Finish(CURLcode code) {
  if (is_abandoned()) return;
  TransferResult result;
  if (retried_) {
    result.outcome.cls = OutcomeClass::kCutStream;
    result.outcome.message = "the endpoint closed a kept connection without an answer";
  } else {
    result.outcome = OutcomeOf(code, error_, first_byte_at_.has_value());
  }
  // A whole response ended when its last bytes arrived, not when we got round to saying so.
  result.ended_at = result.outcome.ok() ? last_bytes_at_ : stamps_.Now();
  End(std::move(result));
}

void CurlTransfer::Abandon(OutcomeClass cls, std::string message) {
  if (is_abandoned()) return;
  TransferResult result;
  result.outcome.cls = cls;
  result.outcome.message = std::move(message);
  result.ended_at = stamps_.Now();
  End(std::move(result));
}

void CurlTransfer::End(TransferResult result) {
  CollectTimings(result);
  if (head_.status != 0) result.outcome.http_status = head_.status;
  TransferObserver* observer = std::exchange(observer_, nullptr);
  observer->OnEnd(result);
}

void CurlTransfer::CollectTimings(TransferResult& result) const {
  result.sent_at = sent_at_;
  result.first_byte_at = first_byte_at_;
  long connections = 0;
  curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &connections);
  result.connection_reused = sent_at_.has_value() && connections == 0;
  long version = 0;
  if (head_.status != 0) curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
  if (version == CURL_HTTP_VERSION_1_0) result.http_version = 10;
  if (version == CURL_HTTP_VERSION_1_1) result.http_version = 11;
  if (version == CURL_HTTP_VERSION_2_0) result.http_version = 2;
  if (connections == 0) return;
  // Cumulative since the start of the transfer, in microseconds; 0 for a phase that was not reached.
  curl_off_t dns = 0;
  curl_off_t connect = 0;
  curl_off_t tls = 0;
  curl_easy_getinfo(easy_, CURLINFO_NAMELOOKUP_TIME_T, &dns);
  curl_easy_getinfo(easy_, CURLINFO_CONNECT_TIME_T, &connect);
  curl_easy_getinfo(easy_, CURLINFO_APPCONNECT_TIME_T, &tls);
  if (dns > 0) result.dns_time = std::chrono::microseconds(dns);
  if (connect > 0) {
    result.connect_time = std::chrono::microseconds(connect - dns);
    result.connected_at = started_at_ + std::chrono::microseconds(std::max(connect, tls));
  }
  if (tls > 0) result.tls_time = std::chrono::microseconds(tls - connect);
}

LimitAhead CurlTransfer::NextLimit() const {
  return LimitAheadOf({started_at_, sent_at_, first_byte_at_, last_bytes_at_}, config_.limits());
}

}  // namespace llmdyno
