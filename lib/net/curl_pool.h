// One of libcurl's multi handles, with the connections that it keeps.
#pragma once

#include <curl/curl.h>

#include <memory>

#include "absl/status/statusor.h"
#include "llmdyno/base/clock.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// For each request libcurl looks through all connections of a multi handle for one that is free: with ten
// thousand of them in use that is a millisecond. So the transport spreads its transfers over pools of a size
// at which looking costs nothing, and a transfer stays in its pool, where its last connection is.
class CurlPool {
 public:
  // How many transfers a pool is made for.
  static constexpr size_t kTransfers = 64;

  // `on_socket` is CURLMOPT_SOCKETFUNCTION with `owner` as its data.
  static absl::StatusOr<std::unique_ptr<CurlPool>> Open(curl_socket_callback on_socket, void* owner,
                                                        const Clock& clock);
  ~CurlPool();
  CurlPool(const CurlPool&) = delete;
  CurlPool& operator=(const CurlPool&) = delete;

  CURLM* multi() const { return multi_; }
  // When libcurl wants to be called although no socket is ready.
  TimePoint timer_at() const { return timer_at_; }
  // Calls libcurl for a socket, or for its timer (CURL_SOCKET_TIMEOUT).
  void Run(curl_socket_t socket, int events);

  bool has_run = false;  // since its finished transfers were taken

 private:
  explicit CurlPool(const Clock& clock) : clock_(clock) {}
  static int OnTimerWanted(CURLM* multi, long milliseconds, void* self);

  const Clock& clock_;
  CURLM* multi_ = nullptr;
  TimePoint timer_at_ = kEndOfTime;
};

}  // namespace llmdyno
