// One HTTP transfer on one libcurl easy handle. Handles are used again for later transfers, so their options are set
// once and only what differs between requests is set anew.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmdyno/base/time.h"
#include "llmdyno/core/http.h"
#include "llmdyno/net/curl_transport.h"
#include "llmdyno/net/transport.h"

namespace llmdyno {

// What the transport tells its transfers: the arrival stamp of the bytes that libcurl is handing over just now.
class StampSource {
 public:
  virtual ~StampSource() = default;
  virtual ArrivalStamp StampFor(CURL* easy, size_t bytes) = 0;
  virtual TimePoint Now() const = 0;
  // Opens a socket that asks for kernel stamps.
  virtual curl_socket_t OpenSocket(const curl_sockaddr& address) = 0;
};

class CurlTransfer {
 public:
  CurlTransfer(const CurlTransportConfig& config, StampSource& stamps);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  // Sets the handle up for this request. The observer hears of it from then on.
  void Prepare(int64_t id, const HttpRequest& request, TransferObserver& observer);
  // libcurl says that the transfer is over.
  void Finish(CURLcode code);
  // We say so: a timeout or a cancellation.
  void Abandon(OutcomeClass cls, std::string message);

  // The end of a limit that began then; the end of time when the limit is zero, which means none.
  static TimePoint After(TimePoint from, Duration limit);
  // The instant at which a limit will have been exceeded if nothing more happens.
  TimePoint Deadline() const;
  // Which limit that is.
  OutcomeClass ExceededLimit() const;
  std::string DescribeLimit() const;

  CURL* easy() const { return easy_; }
  int64_t id() const { return id_; }
  // No observer any more: what libcurl still delivers is dropped.
  bool is_abandoned() const { return observer_ == nullptr; }

 private:
  static size_t OnHeaderLine(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static int OnReadyToSend(void* self, char* local, char* remote, int local_port, int remote_port);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose, curl_sockaddr* address);
  void SetConstantOptions();
  void SetHeaders(const HttpRequest& request);
  void TakeHeaderLine(std::string_view line);
  void CollectTimings(TransferResult& result) const;
  void End(TransferResult result);

  const CurlTransportConfig& config_;
  StampSource& stamps_;
  CURL* easy_;
  curl_slist* header_list_ = nullptr;
  char error_[CURL_ERROR_SIZE] = {};

  // Of the current transfer.
  int64_t id_ = 0;
  TransferObserver* observer_ = nullptr;
  std::string url_;
  std::string body_;
  std::string header_text_;  // what header_list_ was made from
  ResponseHead head_;
  TimePoint started_at_;
  std::optional<TimePoint> sent_at_;
  std::optional<TimePoint> first_byte_at_;
  TimePoint last_bytes_at_;
  bool retried_ = false;
  bool head_given_ = false;
};

}  // namespace llmdyno
