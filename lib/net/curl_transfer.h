// One HTTP transfer on one libcurl easy handle. Handles are used again for later transfers, so their options
// are set once and only what differs between requests is set anew.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/http.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/net/limit_ahead.h"
#include "llmdyno/net/transport.h"
#include "net/chunked_body.h"

namespace llmdyno {

// What the transport tells its transfers: the arrival stamp of the bytes that libcurl is handing over just
// now.
class StampSource {
 public:
  virtual ~StampSource() = default;
  virtual ArrivalStamp StampFor(CURL* easy, size_t bytes) = 0;
  virtual TimePoint Now() const = 0;
  // Opens a socket that asks for kernel stamps.
  virtual curl_socket_t OpenSocket(const curl_sockaddr& address) = 0;
  virtual void CloseSocket(curl_socket_t socket) = 0;
};

class CurlTransfer {
 public:
  // `slot` is the transfer's place among the transport's; `share` what they have in common.
  CurlTransfer(const CurlTransportConfig& config, StampSource& stamps, size_t slot, CURLSH* share);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Sets the handle up for this request. The observer hears of it from then on.
  void Prepare(int64_t id, const HttpRequest& request, TransferObserver& observer);
  // libcurl says that the transfer is over.
  void Finish(CURLcode code);
  // We say so: a timeout or a cancellation.
  void Abandon(OutcomeClass cls, std::string message);

  // The limit that it will exceed if nothing more happens.
  LimitAhead NextLimit() const;

  // Size of libcurl's reads.
  static size_t ReadBufferBytes(int expected_concurrency);

  // True when the next byte from the socket begins a chunk of the response's body.
  bool expects_chunk() const {
    return is_chunked_ && head_given_ && observer_ != nullptr && chunks_.at_boundary();
  }
  // Hands the chunks that lie whole at the front of `raw` to the observer; returns how many bytes they take
  // up. Needs expects_chunk(). libcurl, which follows the framing as well, need never see these bytes: before
  // and after them it is between two chunks.
  size_t TakeWholeChunks(std::string_view raw);

  CURL* easy() const { return easy_; }
  // Without TLS: what waits in the socket is what libcurl will see.
  bool is_plain() const { return url_.starts_with("http:"); }
  int64_t id() const { return id_; }
  size_t slot() const { return slot_; }
  // No observer any more: what libcurl still delivers is dropped.
  bool is_abandoned() const { return observer_ == nullptr; }

 private:
  static size_t OnHeaderLine(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static int OnReadyToSend(void* self, char* local, char* remote, int local_port, int remote_port);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int OnCloseSocket(void* stamps, curl_socket_t socket);
  void SetConstantOptions();
  void SetHeaders(const HttpRequest& request);
  void TakeHeaderLine(std::string_view line);
  void TakeBody(std::string_view raw, const ArrivalStamp& stamp);
  void CollectTimings(TransferResult& result) const;
  void End(TransferResult result);

  // What every read touches stands side by side: with thousands of streams each cache line counts.
  StampSource& stamps_;
  CURL* easy_;
  TransferObserver* observer_ = nullptr;
  TimePoint last_bytes_at_;
  ChunkedBody chunks_;
  bool is_chunked_ =
      false;  // the body comes with its chunks' framing: libcurl leaves it in when there is no TLS
  bool head_given_ = false;

  std::optional<TimePoint> first_byte_at_;
  const CurlTransportConfig& config_;
  const size_t slot_;
  char error_[CURL_ERROR_SIZE] = {};

  // Of the current transfer.
  int64_t id_ = 0;
  std::string url_;
  std::string body_;
  std::vector<std::string> header_lines_;
  std::vector<curl_slist> header_list_;  // points into header_lines_
  ResponseHead head_;
  TimePoint started_at_;
  std::optional<TimePoint> sent_at_;
  bool retried_ = false;
};

}  // namespace llmdyno
