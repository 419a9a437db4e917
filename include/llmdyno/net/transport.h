// How bytes move: starts HTTP transfers and reports what arrives, each piece with the instant of its arrival.
//
// The run loop is the caller. Poll is the one blocking call of a run; swap it (and the Clock) for a simulated
// transport and a ten-minute benchmark becomes a unit test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "llmdyno/base/time.h"
#include "llmdyno/base/wakeable.h"
#include "llmdyno/core/http.h"
#include "llmdyno/core/outcome.h"
#include "llmdyno/core/record.h"

namespace llmdyno {

// When bytes arrived, and how well that is known.
struct ArrivalStamp {
  TimePoint at;
  ArrivalClock clock = ArrivalClock::kWakeUp;
  bool upper_bound = false;  // true: the bytes were there at `at`, perhaps earlier
};

// The part of a response's head that anything downstream wants.
struct ResponseHead {
  int status = 0;
  std::string content_type;             // lower case, without parameters
  std::optional<Duration> retry_after;  // Retry-After in either of its two forms
};

// How a transfer ended and what is known of its course.
struct TransferResult {
  Outcome outcome;  // ok means: a complete response, whatever its status
  TimePoint ended_at;
  std::optional<TimePoint> connected_at;
  std::optional<TimePoint> sent_at;
  std::optional<TimePoint> first_byte_at;
  bool connection_reused = false;
  std::optional<Duration> dns_time;
  std::optional<Duration> connect_time;
  std::optional<Duration> tls_time;
  int http_version = 0;  // 10, 11, 2; 0 when there was no response
};

// Hears of one transfer. OnEnd comes from inside Poll or Cancel; the others may come from inside Start as
// well. Always on the thread that makes those calls.
class TransferObserver {
 public:
  virtual ~TransferObserver() = default;
  // The head of the response, once and before any body byte; not for a transfer that ends without one.
  virtual void OnResponseHead(const ResponseHead& head, const ArrivalStamp& stamp) = 0;
  // Body bytes, in order and in any chunking; valid during the call only.
  virtual void OnBytes(std::string_view bytes, const ArrivalStamp& stamp) = 0;
  // The last call, exactly once for each Start.
  virtual void OnEnd(const TransferResult& result) = 0;
};

// What the transport noticed about itself; input of the validity verdict.
struct TransportStats {
  int64_t connections_opened = 0;
  int64_t reads = 0;                // times a socket had something for us
  int64_t kernel_stamps = 0;        // of these: with a kernel stamp
  int64_t descriptor_failures = 0;  // connections that failed because the process ran out of descriptors
  int64_t port_failures = 0;        // because the machine ran out of local ports
  int64_t segments_sent = 0;        // by TCP on all connections
  int64_t retransmits = 0;          // of these: sent again, for they were not acknowledged
  Duration time_awake{};         // processor time spent on waiting for an instant without sleeping: no work
  int64_t wall_clock_steps = 0;  // jumps of the wall clock, which kernel stamps are mapped from
  Duration read_lag_p50{};       // from the arrival in the kernel to our reading it: our own queue
  Duration read_lag_p99{};
  Duration read_lag_max{};
  // True when time passes only as Poll says: what the machine did meanwhile had no influence.
  bool is_simulated = false;
};

// Moves the bytes of many transfers at once. Used by one thread, but for Wake.
class Transport : public Wakeable {
 public:
  // Begins a transfer. Never fails on the spot: what goes wrong is told to the observer from a later Poll.
  // `id` must not be in use; the observer must live until its OnEnd. Not from inside OnResponseHead or
  // OnBytes.
  virtual void Start(int64_t id, const HttpRequest& request, TransferObserver& observer) = 0;

  // Ends a transfer now; its observer gets OnEnd with kCancelled before Cancel returns. Unknown ids are
  // ignored. May be called from inside an observer for any transfer.
  virtual void Cancel(int64_t id) = 0;

  // Waits until something happened, the deadline has come, or Wake was called; runs the observers.
  virtual void Poll(TimePoint deadline) = 0;

  // Makes the current or next Poll return. The one function that another thread or a signal handler may call.
  void Wake() override = 0;

  // Since the transport was made, or since BeginStats.
  virtual TransportStats Stats() const = 0;
  // Counts anew: one run of several on the same transport begins.
  virtual void BeginStats() {}
};

}  // namespace llmdyno
