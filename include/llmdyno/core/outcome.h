// How one request ended. A failed request is data, not an error: it is recorded, counted by class, reported.
// Transports and the run loop fill it in, everything downstream counts by it. Plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "llmdyno/base/time.h"

namespace llmdyno {

// The documented classes (docs/metrics.md lists them with their causes). Order: as a request lives.
enum class OutcomeClass {
  kOk,
  kDnsFailed,         // the host name did not resolve
  kConnectFailed,     // refused, unreachable, or reset before anything was sent
  kTlsFailed,         // handshake or certificate
  kSendFailed,        // the request could not be written in full
  kConnectTimeout,    // no connection within the connect timeout
  kFirstByteTimeout,  // sent, but not a byte of response within the first-byte timeout
  kIdleTimeout,       // the response began, then nothing for the idle timeout
  kTotalTimeout,      // not finished within the total timeout
  kHttpStatus,        // a status other than 2xx, 429 and 503
  kOverload,          // 429 or 503: the endpoint said that it has too much to do
  kProviderError,     // a 2xx whose body carries an error object
  kCutStream,         // the connection ended before the stream did
  kMalformedStream,   // the body is not what the API promises
  kEmpty,             // a well-formed 2xx without a token and without a finish reason
  kCancelled,         // ended by us: the drain deadline, or an interrupt
};

struct Outcome {
  OutcomeClass cls = OutcomeClass::kOk;
  std::optional<int> http_status;       // the status line, when there was one
  std::optional<Duration> retry_after;  // what a 429 or 503 asked for
  std::string message;                  // one line for people; empty when ok; never holds a secret

  bool ok() const { return cls == OutcomeClass::kOk; }
};

// "ok", "connect_failed", "first_byte_timeout", …: the spelling in files and tables.
std::string_view ToString(OutcomeClass cls);
// Undoes ToString; nothing for an unknown word.
std::optional<OutcomeClass> ParseOutcomeClass(std::string_view text);

}  // namespace llmdyno
