// The ground truth, written down: one JSON line per request, for tests and the self-test to compare a
// client's records with.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "image_kind.h"
#include "llmdyno/base/time.h"

namespace llmdyno {

// One request. Instants are CLOCK_MONOTONIC in nanoseconds, except the wall time.
struct RequestLogRecord {
  std::string id;            // the completion's id; empty where there is none
  std::string x_request_id;  // the client's, or the one it was given
  int64_t arrival_ns = 0;    // the read that completed the request
  int64_t arrival_wall_ns = 0;
  std::string method;
  std::string route;
  std::vector<std::pair<std::string, std::string>> headers;  // never those that hold credentials
  std::string body;                                          // as received
  bool is_streaming = false;
  int64_t prompt_tokens = 0;
  int64_t images = 0;
  std::vector<ImageKind> image_kinds;
  std::string faults;            // those it met, joined by '+'; empty: none
  int status = 0;                // 0: nothing was sent
  std::string end = "complete";  // or disconnected, closed (by a fault), stopped (with the server)
  int64_t first_byte_ns = 0;     // 0: nothing was sent
  int64_t end_ns = 0;            // when the last bytes were handed over, or when the exchange broke off
  int64_t tokens = 0;            // completion tokens sent
  // For each token the instant at which the last byte of its event was handed to the kernel, read immediately
  // before that call.
  std::vector<int64_t> token_sent_ns;
};

// A longer body is logged in part: its long strings are cut, and if that is not enough, it is.
inline constexpr size_t kMaxLoggedBody = 64 << 10;

// One line, without its line end.
std::string ToJson(const RequestLogRecord& record);

// Thread-safe. Rendering and writing happen in a thread of its own, at least five times a second.
class RequestLog {
 public:
  // Creates or truncates the file.
  static absl::StatusOr<std::unique_ptr<RequestLog>> Open(const std::string& path);
  // Writes what is left and closes the file.
  ~RequestLog();

  // Never waits for the disk.
  void Write(RequestLogRecord record);

 private:
  explicit RequestLog(std::FILE* file);
  void Run();

  std::FILE* file_;
  std::mutex mutex_;
  std::condition_variable stop_requested_;
  std::vector<RequestLogRecord> queue_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace llmdyno
